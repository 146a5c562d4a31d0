import { type Measure, TASK_MEASURES } from '../metrics/measure';
import type { ClaimCell, Relation } from './claim';
import type { ModelName } from './probed-model';
import type { ScoreMeasure } from './score-columns';

export const RANDOM: ModelName = 'Random Initialization';
export const CL: ModelName = 'Contrastive Learning';
export const GL: ModelName = 'Generative Learning';
export const HL: ModelName = 'Hybrid Learning';
export const VIT: ModelName = 'Supervised Learning (ViT)';
export const RESNET: ModelName = 'Supervised Learning (ResNet)';
/** The pretrained ones. */
export const SSL = [CL, GL, HL] as const;

export const AUROCS: readonly Measure[] = TASK_MEASURES.slice(0, 4);
export const AUPRCS: readonly Measure[] = TASK_MEASURES.slice(4);

/** Where in a table: its name, if it is not the claim's own, and the setting. */
export type Place = Pick<ClaimCell, 'table' | 'setting'>;

/** One model above another, in one place. */
export function better(left: ModelName, right: ModelName, measure: Measure, at: Place = {}): Relation {
  return { left: { model: left, ...at }, right: { model: right, ...at }, measure };
}

/** A model above each of the others, in every row they have. */
export function highest(model: ModelName, others: readonly ModelName[], measure: Measure, at: Place = {}): Relation[] {
  return others.filter((other) => other !== model).map((other) => better(model, other, measure, at));
}

/** A model above itself in another place: what it had is more than what it has. */
export function falls(model: ModelName, measure: ScoreMeasure, { from, to }: { from: Place; to: Place }): Relation {
  return { left: { model, ...from, architecture: 'same' }, right: { model, ...to }, measure };
}

/** One model loses more than another of what it had in another place, both in percent. */
export function dropsMore(
  left: ModelName,
  right: ModelName,
  measure: Measure,
  { from, to }: { readonly from: Place; readonly to: Place },
): Relation {
  const drop = (model: ModelName): ClaimCell => ({ model, ...to, dropFrom: { model, ...from } });
  return { left: drop(left), right: drop(right), measure };
}

/**
 * A model's lead over another is wider in one place than in another: it has changed more to the good between them.
 *
 * Said this way each model is compared with itself, so that its architecture is the same in both places.
 */
export function widerGap(
  model: ModelName,
  over: ModelName,
  measure: Measure,
  { at, than }: { readonly at: Place; readonly than: Place },
): Relation {
  const change = (one: ModelName): ClaimCell => ({ model: one, ...at, minus: { model: one, ...than } });
  return { left: change(model), right: change(over), measure };
}
