import type { RiskMode } from '../risk/task-risk';
import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { INK } from './palette';
import { MODEL_NAMES, shortModelName } from './probed-model';
import { type Provenance, withRuns } from './provenance';
import { rowsOfTable2, type Table2Cell } from './table-2';
import { RISK_PLACES, type RiskFigure } from './table-2-resampled';

/** Terms from bottom to top: told apart in all common forms of colour blindness, and by lightness. */
const TERM_COLOURS: Readonly<Record<Exclude<RiskFigure, 'total'>, { readonly name: string; readonly colour: string }>> =
  {
    approximation: { name: 'approximation', colour: '#9a9a9a' },
    usability: { name: 'usability', colour: '#d55e00' },
    probeGeneralisation: { name: 'probe generalisation', colour: '#6cc0f0' },
    encoderGeneralisation: { name: 'encoder generalisation', colour: '#5f4690' },
  };
const TERMS = Object.values(TERM_COLOURS);
const SOURCES = ['ours', 'the paper'] as const;

/**
 * Table 2 as a figure: a bar a model and task, its four errors stacked, negative ones below zero; a diamond at their sum,
 * the total risk, ours with its 95 % interval. Above ours, below the paper's.
 *
 * @param cells of Table 2
 * @param options.mode default robust; options.provenance told below the title
 * @returns a Vega-Lite figure
 */
export function table2Figure(
  cells: readonly Table2Cell[],
  options: { readonly mode?: RiskMode; readonly provenance: Provenance },
): Figure {
  const { mode = 'robust' } = options;
  const own = cells.filter((cell) => cell.mode === mode);
  const provenance = withRuns(options.provenance, own);
  const rows = rowsOfTable2(own);
  const places = RISK_PLACES.filter((place) => own.some(({ task }) => task === place));
  const models = MODEL_NAMES.filter((name) => own.some(({ model }) => model === name)).map(shortModelName);
  const bars = rows.flatMap((row) => row.flatMap(barsOf));
  const totals = rows
    .flatMap((row) => row.filter(({ term }) => term === 'total').flatMap(totalsOf))
    .map((total) => ({ ...total, top: Math.max(total.high, heightOf(total, bars)) }));
  const { ticks, domain } = scaleOf(bars, totals);
  const y = (field: string, title: string | undefined) => ({
    field,
    type: 'quantitative',
    title: title ?? null,
    axis: {
      values: ticks,
      format: '.1f',
      ...(title === undefined ? { labels: false, ticks: false, domain: false } : {}),
    },
    scale: { domain, nice: false },
  });
  const x = {
    field: 'model',
    type: 'nominal',
    sort: models,
    axis: { title: null, labelAngle: 0, ticks: false, domain: false, labelPadding: 6 },
    scale: { paddingInner: 0.3, paddingOuter: 0.2 },
  };
  const facet = (values: readonly unknown[]) => ({ data: { values } });
  const panel = (source: (typeof SOURCES)[number], place: string, first: boolean) => {
    const here = <Row extends { readonly source: string; readonly task: string }>(list: readonly Row[]) =>
      list.filter((row) => row.source === source && row.task === place);
    const title = first ? `error, ${source}` : undefined;
    return {
      width: Math.max(92, 30 * models.length),
      height: 170,
      ...(source === 'ours' ? { title: { text: place, fontSize: 13, anchor: 'middle', offset: 8 } } : {}),
      encoding: { x },
      layer: [
        {
          ...facet(here(bars)),
          mark: { type: 'bar', stroke: '#ffffff', strokeWidth: 0.75 },
          encoding: {
            y: { ...y('value', title), stack: 'zero' },
            color: colour(),
            order: { field: 'order', type: 'quantitative' },
            tooltip: tooltip(),
          },
        },
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: 'rule', color: INK, strokeWidth: 1.2 },
          encoding: { x: null, y: y('zero', title) },
        },
        ...(source === 'ours'
          ? [
              {
                ...facet(here(totals)),
                mark: { type: 'rule', color: INK, strokeWidth: 1.6 },
                encoding: { y: y('low', title), y2: { field: 'high' } },
              },
            ]
          : []),
        {
          ...facet(here(totals)),
          mark: {
            type: 'point',
            shape: 'diamond',
            filled: true,
            color: INK,
            stroke: '#ffffff',
            strokeWidth: 1,
            size: 50,
            opacity: 1,
          },
          encoding: { y: y('value', title) },
        },
        {
          ...facet(here(totals)),
          mark: { type: 'text', dy: -8, baseline: 'bottom', color: INK, fontSize: 10 },
          encoding: { y: y('top', title), text: { field: 'label', type: 'nominal' } },
        },
      ],
    };
  };
  return vegaLiteFigure(
    "The four errors of each frozen encoder with a linear probe, by task, ours above the paper's.",
    {
      title: figureTitle(`Risk decomposition of linear probes (Table 2), ${mode} mode`, {
        how: 'Diamond: the total risk, bars below zero subtracted; ours with its 95 % interval.',
        provenance,
      }),
      vconcat: SOURCES.filter((source) => bars.some((bar) => bar.source === source)).map((source) => ({
        hconcat: places.map((place, p) => panel(source, place, p === 0)),
        spacing: 14,
      })),
      spacing: 16,
      resolve: { scale: { color: 'shared' } },
    },
  );
}

/** A term of a bar. */
interface Bar {
  readonly source: string;
  readonly task: string;
  readonly model: string;
  readonly term: string;
  readonly order: number;
  readonly value: number;
}

function barsOf({ task, model, term, value, paper }: Table2Cell): Bar[] {
  if (term === 'total') return [];
  const { name } = TERM_COLOURS[term];
  const order = TERMS.findIndex((one) => one.name === name);
  const bar = (source: string, height: number) => {
    return { source, task, model: shortModelName(model), term: name, order, value: round(height) };
  };
  return [bar('ours', value), ...(paper === undefined ? [] : [bar('the paper', paper)])];
}

function totalsOf({ task, model, value, low, high, paper }: Table2Cell) {
  const total = (source: string, at: number, interval: readonly [number, number]) => ({
    source,
    task,
    model: shortModelName(model),
    value: round(at),
    low: round(interval[0]),
    high: round(interval[1]),
    label: at.toFixed(2),
  });
  return [
    total('ours', value, [low, high]),
    ...(paper === undefined ? [] : [total('the paper', paper, [paper, paper])]),
  ];
}

function colour() {
  return {
    field: 'term',
    type: 'nominal',
    scale: { domain: TERMS.map(({ name }) => name), range: TERMS.map(({ colour: own }) => own) },
    legend: {
      orient: 'top',
      title: null,
      direction: 'horizontal',
      symbolType: 'square',
      symbolStrokeWidth: 0,
      columnPadding: 18,
    },
  };
}

/** How far a bar reaches above zero. */
function heightOf(of: Pick<Bar, 'source' | 'task' | 'model'>, bars: readonly Bar[]): number {
  const own = bars.filter(({ source, task, model }) => source === of.source && task === of.task && model === of.model);
  return round(own.reduce((sum, { value }) => sum + Math.max(value, 0), 0));
}

/** Ticks in steps of .1 and the ends of the axis, around all bars and the labels above them. */
function scaleOf(bars: readonly Bar[], totals: readonly { readonly top: number }[]) {
  const depths = new Map<string, number>();
  for (const { source, task, model, value } of bars) {
    const key = [source, task, model].join(' ');
    depths.set(key, (depths.get(key) ?? 0) + Math.min(value, 0));
  }
  const domain = [Math.min(...depths.values()) - 0.015, Math.max(...totals.map(({ top }) => top)) + 0.05].map(round);
  const [first, last] = [Math.ceil(domain[0] / 0.1), Math.floor(domain[1] / 0.1)];
  return { domain, ticks: Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * 0.1)) };
}

function tooltip() {
  return [
    { field: 'model', title: 'model', type: 'nominal' },
    { field: 'task', title: 'task', type: 'nominal' },
    { field: 'term', title: 'error', type: 'nominal' },
    { field: 'value', title: 'value', type: 'quantitative', format: '.4f' },
  ];
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
