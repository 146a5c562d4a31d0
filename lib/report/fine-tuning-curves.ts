import type { FineTuningStep, FineTuningValidation } from '../evaluate/fine-tune';
import type { ScoredModel } from './scored-model';

/** The rows of a fine-tuning's `metrics.jsonl`. */
export type FineTuningHistory = readonly (FineTuningStep | FineTuningValidation)[];

/** How one network learnt from labels, epoch by epoch. */
export interface FineTuningCurve extends Pick<ScoredModel, 'model' | 'architecture'> {
  /** [epoch] 1, 2, ... up to where it stopped. */
  readonly epochs: readonly number[];
  /** [epoch] the mean over the epoch's steps of the binary cross-entropy, itself the mean over the tasks. */
  readonly losses: readonly number[];
  /** [epoch] the mean AUROC over the tasks on the validation ECGs, after the epoch. */
  readonly validationAurocs: readonly number[];
  /** The epoch whose weights are kept: the earliest with the highest validation AUROC. */
  readonly best: number;
}

/**
 * The curves of fine-tuned networks for `fineTuningCurvesFigure`: one a network, so several for a model with several
 * seeds or a network a task.
 *
 * @param models each with the histories of its networks, such as those of `study.fineTuning()`
 */
export function fineTuningCurves(
  models: readonly (Pick<ScoredModel, 'model' | 'architecture'> & { histories(): readonly FineTuningHistory[] })[],
): FineTuningCurve[] {
  return models.flatMap(({ model, architecture, histories }) =>
    histories().map((rows) => ({ model, architecture, ...curveOf(rows) })),
  );
}

function curveOf(rows: FineTuningHistory): Omit<FineTuningCurve, 'model' | 'architecture'> {
  const epochs: number[] = [];
  const losses: number[] = [];
  const validationAurocs: number[] = [];
  let sinceValidation: number[] = [];
  for (const row of rows) {
    if ('validationAuroc' in row) {
      epochs.push(row.epoch);
      losses.push(sinceValidation.reduce((sum, loss) => sum + loss, 0) / sinceValidation.length);
      validationAurocs.push(row.validationAuroc as number);
      sinceValidation = [];
    } else {
      sinceValidation.push(row.loss as number);
    }
  }
  const best = epochs[validationAurocs.indexOf(Math.max(...validationAurocs))];
  return { epochs, losses, validationAurocs, best };
}
