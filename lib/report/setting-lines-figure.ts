import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { MODEL_COLOURS, PAPER } from './palette';
import { type Provenance, withRuns } from './provenance';
import { roundTicks } from './round-ticks';
import { type ScoreCell, sameShape } from './score-cells';
import { columnTitle, type ScoreMeasure } from './score-columns';
import { pointTooltip, rangeOfPoints, type ScorePoint } from './score-point';
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
interface Point extends ScorePoint {
  readonly model: string;
  readonly setting: string;
  /** Place on the axis, and beside it, so that intervals stand apart. */
  readonly x: number;
  readonly at: number;
}

/** Models stand this far apart, in steps of the axis: marks of equal scores do not hide each other. */
const DODGE = 0.12;
/** Width of a panel by the number of panels, px, so that a notebook shows the figure in its full size. */
const WIDTHS: Readonly<Record<number, number>> = { 1: 420, 2: 340, 3: 270 };
const MANY = 212;
/** The topmost label of an axis sticks out above its panel by this much, and lifts its title. */
const LABEL_OVERHANG = 6;

/**
 * Scores over a setting (case ratio, share of the labels): a line a model, our marks filled and with 95 % intervals, the
 * paper's hollow and its lines dashed. The settings stand at equal steps, in rising order. Panels of one metric, such as
 * the AUROCs of two tasks, share their axis.
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
    return { measure, metric: metricOf(measure), points };
  });
  return vegaLiteFigure(description, {
    title: figureTitle(title, {
      how: 'Filled: ours, the bar its 95 % interval. Hollow, dashed: the paper. Higher is better.',
      provenance: withRuns(options.provenance, cells),
    }),
    hconcat: panels.map(({ measure, metric, points }, p) => {
      const comparable = panels.filter((other) => other.metric === metric).flatMap((other) => other.points);
      return panel(measure, points, {
        ticks: roundTicks(rangeOfPoints(comparable), { steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], most: 8 }),
        labelled: p === 0 || panels[p - 1].metric !== metric,
        series,
        labels,
        axis: options.axis,
        width: WIDTHS[measures.length] ?? MANY,
      });
    }),
    spacing: 22,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  });
}

/** Scores of one metric can be compared, whether of a task or the mean of the tasks. */
function metricOf(measure: ScoreMeasure): string {
  return /auroc|auprc/.exec(measure)?.[0] ?? measure;
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
  options: {
    readonly ticks: readonly number[];
    /** Whether its axis has numbers; else those of the panel to the left hold. */
    readonly labelled: boolean;
    readonly series: readonly ScoreSeries[];
    readonly labels: readonly string[];
    readonly axis: string;
    readonly width: number;
  },
) {
  const { ticks, labelled, series, labels, axis, width } = options;
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
  const shape = { field: 'model', type: 'nominal', scale: shapes, legend };
  const x = {
    field: 'at',
    type: 'quantitative',
    scale: { domain: [-0.3, labels.length - 0.7], nice: false, zero: false },
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
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    axis: { title: null, format: '.2f', values: ticks, ...(labelled ? {} : { labels: false, ticks: false }) },
    scale: { domain: [ticks[0], ticks[ticks.length - 1]], nice: false, zero: false },
  });
  const title = columnTitle(measure);
  const offset = labelled ? 8 : 8 + LABEL_OVERHANG;
  return {
    title: { text: title.charAt(0).toUpperCase() + title.slice(1), fontSize: 13, anchor: 'start', offset },
    width,
    height: 300,
    data: { values: points },
    encoding: { x, color: { field: 'model', type: 'nominal', scale: colours, legend } },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 3.5, strokeOpacity: 0.4 },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        transform: [{ filter: 'isValid(datum.paper)' }],
        layer: [
          { mark: { type: 'line', strokeWidth: 1.2, strokeDash: [4, 3] }, encoding: { y: y('paper') } },
          {
            mark: { type: 'point', filled: false, fill: PAPER, size: 60, opacity: 1, strokeWidth: 1.4 },
            encoding: { y: y('paper'), shape },
          },
        ],
      },
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: y('value') } },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: { y: y('value'), shape, tooltip: pointTooltip('setting') },
      },
    ],
  };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
