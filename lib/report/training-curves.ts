import type { Method } from '../pretrain/method';
import type { MetricsRow } from '../pretrain/training-log';
import type { LossCurve } from './loss-curves-figure';
import { modelNameOf } from './probed-model';

/** The losses in the order of Eq. 1-3, as the figure names them. */
const LOSSES = {
  reconstruction: 'reconstruction (Eq. 1)',
  sample: 'contrastive, two views of an ECG (Eq. 2)',
  patient: 'contrastive, two ECGs of a patient (Eq. 2)',
} as const;

/** Points of a curve at most: as many as can be told apart. */
const MOST_POINTS = 60;

/**
 * The loss curves of pretrained models for `lossCurvesFigure`: a curve a model and loss, before the losses' weights.
 *
 * A long training is drawn as the means of 60 equal stretches of steps: a single batch says little.
 *
 * @param models each with its method and the rows of its `metrics.jsonl`
 */
export function trainingCurves(
  models: readonly { readonly method: Method; history(): readonly MetricsRow[] }[],
): LossCurve[] {
  return (Object.keys(LOSSES) as (keyof typeof LOSSES)[]).flatMap((loss) =>
    models.flatMap((model) => {
      const rows = model.history().filter((row) => row[loss] !== undefined);
      if (rows.length === 0) return [];
      const size = Math.ceil(rows.length / MOST_POINTS);
      const stretches = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
        rows.slice(i * size, (i + 1) * size),
      );
      const steps = stretches.map((stretch) => stretch[stretch.length - 1].step + 1);
      const values = stretches.map((stretch) => stretch.reduce((sum, row) => sum + row[loss]!, 0) / stretch.length);
      return [{ model: modelNameOf(model.method), loss: LOSSES[loss], steps, values }];
    }),
  );
}
