import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import type { FineTuningCurve } from './fine-tuning-curves';
import { MODEL_COLOURS } from './palette';
import type { Provenance } from './provenance';
import { seriesOf } from './score-series';

export interface FineTuningCurvesFigureOptions {
  readonly title?: string;
  readonly provenance?: Provenance;
}

/** What a mark of the figure shows: a network after an epoch. */
interface Point {
  readonly model: string;
  /** Networks of one model have one colour and a line each. */
  readonly network: number;
  readonly epoch: number;
  readonly loss: number;
  readonly auroc: number;
  readonly best: boolean;
}

const PANELS = [
  { field: 'loss', title: 'Loss on the training ECGs (cross-entropy)' },
  { field: 'auroc', title: 'Mean AUROC on the validation ECGs' },
] as const;

/**
 * How networks learnt from labels: beside the training loss the validation AUROC, by epoch, a line a network; the epoch
 * whose weights are kept is marked.
 *
 * @param curves from `fineTuningCurves`
 * @param options title, provenance
 * @returns a Vega-Lite figure
 */
export function fineTuningCurvesFigure(
  curves: readonly FineTuningCurve[],
  options: FineTuningCurvesFigureOptions = {},
): Figure {
  const { title = 'Fine-tuning, epoch by epoch', provenance } = options;
  const series = seriesOf(curves);
  const points = series.flatMap(({ name, cells }) =>
    cells.flatMap((curve, network) =>
      curve.epochs.map((epoch, i): Point => {
        const [loss, auroc] = [curve.losses[i], curve.validationAurocs[i]].map((value) => Number(value.toFixed(4)));
        return { model: name, network, epoch, loss, auroc, best: epoch === curve.best };
      }),
    ),
  );
  const names = series.map(({ name }) => name);
  const legend = {
    orient: 'top',
    title: null,
    direction: 'horizontal',
    columns: names.length > 4 ? 3 : 4,
    labelLimit: 300,
    symbolSize: 110,
    symbolOpacity: 1,
    symbolStrokeWidth: 0,
    columnPadding: 18,
  };
  const colours = { domain: names, range: series.map(({ model }) => MODEL_COLOURS[model]) };
  const shapes = { domain: names, range: series.map(({ shape }) => shape) };
  const epochs = Math.max(...points.map(({ epoch }) => epoch));
  const step = Math.ceil(epochs / 10);
  const ticks = Array.from({ length: Math.floor(epochs / step) }, (_, i) => (i + 1) * step);
  const x = {
    field: 'epoch',
    type: 'quantitative',
    axis: { title: 'epoch', values: ticks, format: 'd', grid: false },
    scale: { domain: [0.75, epochs + 0.25], nice: false, zero: false },
  };
  return vegaLiteFigure('Training loss and validation AUROC after each epoch, a line a network.', {
    title: figureTitle(title, { how: 'Large marks: the epochs whose weights are kept.', provenance }),
    hconcat: PANELS.map((panel) => ({
      title: { text: panel.title, fontSize: 13, anchor: 'start', offset: 8 },
      width: 390,
      height: 240,
      data: { values: points },
      encoding: {
        x,
        y: { field: panel.field, type: 'quantitative', axis: { title: null, tickCount: 6 }, scale: { zero: false } },
        color: { field: 'model', type: 'nominal', scale: colours, legend },
      },
      layer: [
        { mark: { type: 'line', strokeWidth: 1.7 }, encoding: { detail: { field: 'network', type: 'nominal' } } },
        {
          mark: { type: 'point', filled: true, opacity: 1 },
          encoding: {
            shape: { field: 'model', type: 'nominal', scale: shapes, legend },
            size: { condition: { test: 'datum.best', value: 130 }, value: 22 },
          },
        },
      ],
    })),
    spacing: 28,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  });
}
