import { expect, test } from 'vitest';
import { type FineTuningHistory, fineTuningCurves } from '../../lib/report/fine-tuning-curves';
import { fineTuningCurvesFigure } from '../../lib/report/fine-tuning-curves-figure';
import { renderSvg } from '../../lib/report/render';

const architecture = { patchSize: 125, blockDepth: 2, embeddingSize: 64 };
const rowOf = (step: number, epoch: number, loss: number) => ({ step, epoch, rate: 1e-3, loss, gradientNorm: 1 });
/** Three epochs of two steps; the second is as good as the third. */
const history: FineTuningHistory = [
  rowOf(0, 0, 0.7),
  rowOf(1, 0, 0.6),
  { step: 2, epoch: 1, validationAuroc: 0.6 },
  rowOf(2, 1, 0.5),
  rowOf(3, 1, 0.3),
  { step: 4, epoch: 2, validationAuroc: 0.8 },
  rowOf(4, 2, 0.2),
  rowOf(5, 2, 0.2),
  { step: 6, epoch: 3, validationAuroc: 0.8 },
];

test('an epoch has the mean loss of its steps, and the AUROC that came after it; the earliest best is kept', () => {
  const [curve] = fineTuningCurves([{ model: 'Hybrid Learning', architecture, histories: () => [history] }]);
  expect(curve).toMatchObject({ model: 'Hybrid Learning', architecture, epochs: [1, 2, 3], best: 2 });
  expect(curve.validationAurocs).toEqual([0.6, 0.8, 0.8]);
  [0.65, 0.4, 0.2].forEach((loss, i) => {
    expect(curve.losses[i]).toBeCloseTo(loss, 12);
  });
});

test('a model with a network a task has a curve a network', () => {
  const histories = () => [history, history.slice(0, 6)];
  const curves = fineTuningCurves([{ model: 'Supervised Learning (ResNet)', histories }]);
  expect(curves.map(({ epochs }) => epochs.length)).toEqual([3, 2]);
});

test('the figure has a line a network, a colour a model, and a large mark at the epoch that is kept', async () => {
  const other = { ...architecture, patchSize: 250 };
  const curves = fineTuningCurves([
    { model: 'Supervised Learning (ViT)', architecture, histories: () => [history] },
    { model: 'Supervised Learning (ViT)', architecture: other, histories: () => [history] },
    { model: 'Hybrid Learning', architecture, histories: () => [history, history.slice(0, 6)] },
  ]);
  const figure = fineTuningCurvesFigure(curves);
  const [panel] = figure.spec.hconcat as { data: { values: Record<string, unknown>[] } }[];
  const points = panel.data.values;
  expect(points).toHaveLength(3 + 3 + 3 + 2);
  expect([...new Set(points.map(({ model }) => model))]).toEqual([
    'Supervised Learning (ViT), patch 125',
    'Supervised Learning (ViT), patch 250',
    'Hybrid Learning',
  ]);
  expect(points.filter(({ best }) => best).map(({ epoch }) => epoch)).toEqual([2, 2, 2, 2]);
  const svg = await renderSvg(figure);
  expect(svg.match(/aria-roledescription="line mark"/g)).toHaveLength(2 * 4); // two panels of four networks
  expect(svg).toContain('Mean AUROC on the validation ECGs');
});
