import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { MODEL_COLOURS } from './palette';
import { type Provenance, withRuns } from './provenance';
import { roundTicks } from './round-ticks';
import { type ScoreCell, sameShape } from './score-cells';
import { columnTitle, type ScoreMeasure } from './score-columns';
import { type ScoreSeries, seriesOf } from './score-series';

export interface SettingLinesOptions {
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly description: string;
  /** Key of the setting, e.g. 'data_usage_percent'; its values are numbers, smaller ones stand to the left. */
  readonly setting: string;
  /** Name of the axis, e.g. 'share of the labels'. */
  readonly axis: string;
  /** The cells of Table 3 and what their place on the axis is called; no such place where it is left out. */
  readonly whole?: { readonly cells: readonly ScoreCell[]; readonly label: string };
  /** A panel each; default mean AUROC, mean AUPRC, Criteria. */
  readonly measures?: readonly ScoreMeasure[];
  readonly provenance: Provenance;
}

/** What a mark of the figure shows. */
interface Point {
  readonly model: string;
  readonly setting: string;
  /** Place on the axis, and beside it, so that intervals stand apart. */
  readonly x: number;
  readonly at: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly paper?: number;
}

/** Models stand this far apart, in steps of the axis. */
const DODGE = 0.07;

/**
 * Scores over a setting (case ratio, share of the labels): a line a model with our 95 % intervals, the paper's thin and
 * dashed. The settings stand at equal steps, in rising order.
 *
 * @param cells of Table 4 or 5
 * @returns a Vega-Lite figure
 */
export function settingLinesFigure(cells: readonly ScoreCell[], options: SettingLinesOptions): Figure {
  const { title, description, whole, measures = ['mean_auroc', 'mean_auprc', 'criteria'] } = options;
  const series = seriesOf(cells);
  const values = [...new Set(cells.map((cell) => cell.setting[options.setting]))].sort((a, b) => Number(a) - Number(b));
  const labels = [...values.map((value) => `${value} %`), ...(whole === undefined ? [] : [whole.label])];
  const panels = measures.map((measure) => {
    const points = series.flatMap((one, s) => {
      const dodge = (s - (series.length - 1) / 2) * DODGE;
      return placedCells(one, { ...options, values, measure }).map(({ cell, x }): Point => {
        const { value, low, high, paper } = cell;
        const figure = { model: one.name, setting: labels[x], x, at: round(x + dodge) };
        const ours = { ...figure, value: round(value), low: round(low), high: round(high) };
        return paper === undefined ? ours : { ...ours, paper: round(paper) };
      });
    });
    return panel(measure, points, { series, labels, axis: options.axis, width: measures.length === 4 ? 250 : 270 });
  });
  return vegaLiteFigure(description, {
    title: figureTitle(title, {
      how: 'Solid: ours, the bar its 95 % interval. Dashed: the paper. Higher is better.',
      provenance: withRuns(options.provenance, [...cells, ...(whole?.cells ?? [])]),
    }),
    hconcat: panels,
    spacing: 26,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  });
}

/** The cells of a model and measure with their places; last, where there is one, the model's cell of Table 3. */
function placedCells(
  { cells, model, architecture }: ScoreSeries,
  { setting, values, measure, whole }: SettingLinesOptions & { values: readonly string[]; measure: ScoreMeasure },
): { cell: ScoreCell; x: number }[] {
  const own = cells
    .filter((cell) => cell.measure === measure)
    .map((cell) => ({ cell, x: values.indexOf(cell.setting[setting]) }));
  const last = sameShape(
    { model, architecture, setting: {} },
    (whole?.cells ?? []).filter((cell) => cell.measure === measure),
  );
  return [...own, ...(last === undefined ? [] : [{ cell: last, x: values.length }])].sort((a, b) => a.x - b.x);
}

function panel(
  measure: ScoreMeasure,
  points: readonly Point[],
  options: { series: readonly ScoreSeries[]; labels: readonly string[]; axis: string; width: number },
) {
  const { series, labels, axis, width } = options;
  const names = series.map(({ name }) => name);
  const legend = {
    orient: 'top',
    title: null,
    direction: 'horizontal',
    columns: 4,
    labelLimit: 300,
    symbolSize: 110,
    symbolOpacity: 1,
    symbolStrokeWidth: 0,
    columnPadding: 18,
  };
  const colours = { domain: names, range: series.map(({ model }) => MODEL_COLOURS[model]) };
  const shapes = { domain: names, range: series.map(({ shape }) => shape) };
  const xScale = { domain: [-0.3, labels.length - 0.7], nice: false, zero: false };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: xScale,
    axis: {
      title: axis,
      titlePadding: 8,
      values: labels.map((_, i) => i),
      labelExpr: `${JSON.stringify(labels)}[datum.value]`,
      labelFontSize: 12,
      labelPadding: 6,
      grid: false,
      ticks: false,
    },
  });
  const ticks = roundTicks(rangeOf(points), { steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], most: 8 });
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    axis: { title: null, format: '.2f', values: ticks },
    scale: { domain: [ticks[0], ticks[ticks.length - 1]], nice: false, zero: false },
  });
  const title = columnTitle(measure);
  return {
    title: { text: title.charAt(0).toUpperCase() + title.slice(1), fontSize: 13, anchor: 'start', offset: 8 },
    width,
    height: 260,
    data: { values: points },
    encoding: { color: { field: 'model', type: 'nominal', scale: colours, legend } },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.paper)' }],
        mark: { type: 'line', strokeWidth: 1.2, strokeDash: [4, 3], strokeOpacity: 0.85 },
        encoding: { x: x('at'), y: y('paper') },
      },
      {
        mark: { type: 'rule', strokeWidth: 3.5, strokeOpacity: 0.4 },
        encoding: { x: x('at'), y: y('low'), y2: { field: 'high' } },
      },
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { x: x('at'), y: y('value') } },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          x: x('at'),
          y: y('value'),
          shape: { field: 'model', type: 'nominal', scale: shapes, legend },
          tooltip: tooltip(),
        },
      },
    ],
  };
}

function rangeOf(points: readonly Point[]): [number, number] {
  const low = Math.min(...points.map(({ low, paper = low }) => Math.min(low, paper)));
  const high = Math.max(...points.map(({ high, paper = high }) => Math.max(high, paper)));
  return [low, high];
}

function tooltip() {
  const number = (field: string, title: string) => ({ field, title, type: 'quantitative', format: '.3f' });
  return [
    { field: 'model', title: 'model', type: 'nominal' },
    { field: 'setting', title: 'setting', type: 'nominal' },
    number('value', 'ours'),
    number('low', 'from'),
    number('high', 'to'),
    number('paper', 'paper'),
  ];
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
