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
/** From one bar to the next, px; a bar takes the first part of it, the number beside its diamond the rest. */
const STEP = 49;
const BAR = 19;

/**
 * Table 2 as a figure: a bar a model and task, its four errors stacked, negative ones below zero; a diamond at their sum,
 * the total risk, with its value, ours with its 95 % interval. Above ours, below the paper's.
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
  const totals = rows.flatMap((row) => row.filter(({ term }) => term === 'total').flatMap(totalsOf));
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
    // what is left beside the bars is to the right of each, also of the last
    scale: { paddingInner: 1 - BAR / STEP, paddingOuter: (1 - BAR / STEP) / 2, align: 0.1 },
  };
  const width = STEP * models.length;
  const facet = (values: readonly unknown[]) => ({ data: { values } });
  const panel = (source: (typeof SOURCES)[number], place: string, first: boolean) => {
    const here = <Row extends { readonly source: string; readonly task: string }>(list: readonly Row[]) =>
      list.filter((row) => row.source === source && row.task === place);
    const title = first ? `error, ${source}` : undefined;
    return {
      width,
      height: 200,
      encoding: { x },
      layer: [
        ...(source === 'ours' ? [heading(place, width / 2)] : []),
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
          mark: { type: 'text', align: 'left', dx: BAR / 2 + 2, dy: 1, color: INK, fontSize: 10 },
          encoding: { y: y('value', title), text: { field: 'label', type: 'nominal' } },
        },
      ],
    };
  };
  return vegaLiteFigure(
    "The four errors of each frozen encoder with a linear probe, by task, ours above the paper's.",
    {
      title: figureTitle(`Risk decomposition of linear probes (Table 2), ${mode} mode`, {
        how: 'Diamond and number: the total risk, bars below zero subtracted; ours with its 95 % interval.',
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
    label: at.toFixed(3),
  });
  return [
    total('ours', value, [low, high]),
    ...(paper === undefined ? [] : [total('the paper', paper, [paper, paper])]),
  ];
}

/** The name of a column, at the same height above each panel; a title would stand above whatever sticks out of its own. */
function heading(text: string, x: number) {
  return {
    data: { values: [{ text }] },
    mark: { type: 'text', fontSize: 13, fontWeight: 'bold', color: INK, baseline: 'bottom' },
    encoding: { x: { value: x }, y: { value: -8 }, text: { field: 'text', type: 'nominal' } },
  };
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

/** Ticks in steps of .1 and the ends of the axis, around all bars and intervals. */
function scaleOf(bars: readonly Bar[], totals: readonly { readonly low: number; readonly high: number }[]) {
  const ends = new Map<string, { depth: number; height: number }>();
  for (const { source, task, model, value } of bars) {
    const key = [source, task, model].join(' ');
    const { depth, height } = ends.get(key) ?? { depth: 0, height: 0 };
    ends.set(key, { depth: depth + Math.min(value, 0), height: height + Math.max(value, 0) });
  }
  const low = Math.min(...totals.map((total) => total.low), ...[...ends.values()].map(({ depth }) => depth));
  const high = Math.max(...totals.map((total) => total.high), ...[...ends.values()].map(({ height }) => height));
  const domain = [low - 0.02, high + 0.02].map(round);
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
