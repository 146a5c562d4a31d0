import { bootstrapInterval, type IntervalOptions } from '../metrics/bootstrap-interval';
import { type PairedDifference, pairedBootstrapDifference } from '../metrics/paired-bootstrap-difference';
import type { Predictions } from '../metrics/predictions';
import type { ModelName } from './probed-model';
import type { Figure } from './score-cells';
import { type EncoderShape, shapeName } from './scored-model';

/** An encoder pretrained by a recipe, and its tuned probe. */
export interface TriedRecipe {
  /** What was changed, in words; the profile's own recipe comes first of its method. */
  readonly title: string;
  readonly model: ModelName;
  readonly architecture: EncoderShape;
  readonly epochs: number;
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
  /** Mean AUROC minus that of CL, and the run of that CL; none for CL itself. */
  readonly overContrastive: (PairedDifference & { readonly run: string }) | undefined;
}

export interface TrialsReport {
  readonly rows: readonly TrialRow[];
}

/**
 * What changes of the pretraining do to the tuned probe, each beside a contrastive encoder: the last one of the same
 * architecture that was trained as long, else the first.
 *
 * @param tried all on the same test ECGs
 */
export function trialsReport(tried: readonly TriedRecipe[], options: IntervalOptions = {}): TrialsReport {
  const contrastive = tried.filter(({ model }) => model === 'Contrastive Learning');
  const measure = 'mean_auroc';
  const overContrastive = ({ model, architecture, epochs, predictions }: TriedRecipe): TrialRow['overContrastive'] => {
    const alike = contrastive.filter(
      (one) => shapeName(one.architecture) === shapeName(architecture) && one.epochs === epochs,
    );
    const other = alike.at(-1) ?? contrastive[0];
    if (other === undefined || model === other.model) return undefined;
    const difference = pairedBootstrapDifference(predictions, other.predictions, { ...options, measure });
    return { ...difference, run: other.run };
  };
  return {
    rows: tried.map((recipe) => {
      const { predictions, ...told } = recipe;
      const auroc = bootstrapInterval(predictions, { ...options, measure });
      return { ...told, auroc, overContrastive: overContrastive(recipe) };
    }),
  };
}
