import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { MODEL_COLOURS } from './palette';
import { type Provenance, withRuns } from './provenance';
import { roundTicks } from './round-ticks';
import type { ScoreCell } from './score-cells';
import { columnParts } from './score-columns';
import { pointTooltip, rangeOfPoints, type ScorePoint } from './score-point';
import { type ScoreSeries, seriesOf } from './score-series';

/** What a mark of the figure shows. */
interface Point extends ScorePoint {
  readonly model: string;
  readonly task: string;
  readonly metric: string;
}

/**
 * A table of scores as a figure: each model's AUROC and AUPRC on each task with our 95 % interval, and the paper's value
 * hollow.
 *
 * @param cells of the table, of one setting
 * @param options.title; options.description what it shows, in a sentence; options.provenance told below the title, its
 *   run names taken from the cells where it has none
 * @returns a Vega-Lite figure
 */
export function scorePointsFigure(
  cells: readonly ScoreCell[],
  options: { readonly title: string; readonly description: string; readonly provenance: Provenance },
): Figure {
  const { title, description } = options;
  const series = seriesOf(cells);
  const points = series.flatMap(({ name, cells: own }) =>
    own.flatMap(({ measure, value, low, high, paper }): Point[] => {
      const { task, metric } = columnParts(measure);
      if (task === 'all') return [];
      const figure = { model: name, task, metric, value: round(value), low: round(low), high: round(high) };
      return [paper === undefined ? figure : { ...figure, paper }];
    }),
  );
  return vegaLiteFigure(description, {
    title: figureTitle(title, {
      how: 'Filled: ours, the bar its 95 % interval. Hollow: the paper. Higher is better.',
      provenance: withRuns(options.provenance, cells),
    }),
    hconcat: ['auroc', 'auprc'].map((metric) => panel(metric, points, series)),
    spacing: 28,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  });
}

function panel(metric: string, points: readonly Point[], series: readonly ScoreSeries[]) {
  const names = series.map(({ name }) => name);
  const crowded = names.length > 4;
  const own = points.filter((point) => point.metric === metric);
  const ticks = ticksOf(own);
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    axis: { title: null, format: '.2f', values: ticks },
    scale: { domain: [ticks[0], ticks[ticks.length - 1]], nice: false, zero: false },
  });
  const legend = {
    orient: 'top',
    title: null,
    direction: 'horizontal',
    columns: crowded ? 3 : 4,
    labelLimit: 300,
    symbolSize: 110,
    symbolOpacity: 1,
    symbolStrokeWidth: 0,
    columnPadding: 18,
  };
  const colours = { domain: names, range: series.map(({ model }) => MODEL_COLOURS[model]) };
  const shapes = { domain: names, range: series.map(({ shape }) => shape) };
  const colour = { field: 'model', type: 'nominal', scale: colours, legend };
  const shape = { field: 'model', type: 'nominal', scale: shapes, legend };
  return {
    title: { text: metric.toUpperCase(), fontSize: 13, anchor: 'start', offset: 8 },
    width: crowded ? 400 : 340,
    height: 280,
    data: { values: own },
    encoding: {
      x: {
        field: 'task',
        type: 'nominal',
        sort: null,
        axis: { title: null, labelAngle: 0, labelFontSize: 12, labelPadding: 8, ticks: false, domain: false },
        scale: { paddingInner: crowded ? 0.25 : 0.4, paddingOuter: 0.15 },
      },
      xOffset: { field: 'model', type: 'nominal', scale: { domain: names } },
      color: colour,
    },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 3.5, strokeOpacity: 0.4 },
        encoding: { y: y('low'), y2: { field: 'high' } },
      },
      {
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { y: y('value'), shape, tooltip: pointTooltip('task') },
      },
      {
        mark: { type: 'point', filled: false, size: crowded ? 115 : 135, opacity: 1, strokeWidth: 1.5 },
        encoding: { y: y('paper'), shape },
      },
    ],
  };
}

function ticksOf(points: readonly Point[]): number[] {
  const [low, high] = rangeOfPoints(points);
  return roundTicks([low - 0.005, high + 0.005], { steps: [0.05, 0.1], most: 1 });
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
