import { bootstrapInterval, type IntervalOptions } from '../metrics/bootstrap-interval';
import { type PairedDifference, pairedBootstrapDifference } from '../metrics/paired-bootstrap-difference';
import type { Predictions } from '../metrics/predictions';
import type { ModelName } from './probed-model';
import type { Figure } from './score-cells';
import type { EncoderShape } from './scored-model';

/** An encoder pretrained by a recipe, and its tuned probe. */
export interface TriedRecipe {
  /** What was changed, in words; the profile's own recipe comes first of its method. */
  readonly title: string;
  readonly model: ModelName;
  readonly architecture: EncoderShape;
  /** The settings that differ from the profile's. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Mean over the tasks on the validation ECGs, by which recipes are chosen. */
  readonly validationAuroc: number;
  readonly predictions: Predictions;
  /** What the pretraining took, s. */
  readonly trainingS: number;
  /** The pretraining's run. */
  readonly run: string;
}

/** A row of the table of trials. */
export interface TrialRow extends Omit<TriedRecipe, 'predictions'> {
  /** Mean AUROC on the test ECGs with its 95 % interval. */
  readonly auroc: Figure;
  /** Mean AUROC minus that of the profile's CL; none for CL itself. */
  readonly overContrastive: PairedDifference | undefined;
}

export interface TrialsReport {
  readonly rows: readonly TrialRow[];
}

/**
 * What changes of the pretraining do to the tuned probe, each beside the profile's contrastive encoder.
 *
 * @param tried all on the same test ECGs; the first CL is what the others are compared with
 */
export function trialsReport(tried: readonly TriedRecipe[], options: IntervalOptions = {}): TrialsReport {
  const contrastive = tried.find(({ model }) => model === 'Contrastive Learning');
  const measure = 'mean_auroc';
  return {
    rows: tried.map(({ predictions, ...recipe }) => ({
      ...recipe,
      auroc: bootstrapInterval(predictions, { ...options, measure }),
      overContrastive:
        contrastive === undefined || recipe.run === contrastive.run
          ? undefined
          : pairedBootstrapDifference(predictions, contrastive.predictions, { ...options, measure }),
    })),
  };
}
