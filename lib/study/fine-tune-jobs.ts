import type { FineTuningOptions } from '../evaluate/fine-tune-options';
import { TASKS, type Task } from '../metrics/tasks';
import type { Architecture } from '../model/architecture';
import { architectureName } from '../model/architecture';
import { PRETRAINING_METHODS, type PretrainingMethod } from '../pretrain/method';
import { pretrainingRun, type StudyBasis } from './encoder-jobs';
import type { Profile } from './profile-schema';
import type { RunSpec } from './run-store';

/** What learns from labels: a pretrained encoder, a Vision Transformer from scratch, a residual network from scratch. */
export type Learner =
  | { readonly kind: 'pretrained'; readonly method: PretrainingMethod; readonly architecture: Architecture }
  | { readonly kind: 'scratch'; readonly architecture: Architecture }
  | { readonly kind: 'resnet'; readonly width: number };

/** Which of the labelled training ECGs are used; all of them when nothing is said. */
export type LabelSubset =
  | { readonly casePercent: number; readonly ecgs: number; readonly task: Task }
  | { readonly usagePercent: number };

/** One training on labels. */
export interface FineTuneSpec {
  readonly learner: Learner;
  readonly seed: number;
  /** Several make a joint head. */
  readonly tasks: readonly Task[];
  readonly subset?: LabelSubset;
}

/** `hybrid 125/2/256, seed 0`, `ResNet, MI with 5 % cases, seed 0`. */
export function fineTuneTitle({ learner, seed, tasks, subset }: FineTuneSpec): string {
  const parts = [learnerTitle(learner)];
  if (tasks.length === 1) parts.push(tasks[0]);
  if (subset !== undefined) {
    parts.push('casePercent' in subset ? `${subset.casePercent} % cases` : `${subset.usagePercent} % of the labels`);
  }
  return [...parts, `seed ${seed}`].join(', ');
}

function learnerTitle(learner: Learner): string {
  if (learner.kind === 'resnet') return 'ResNet from scratch';
  const shape = architectureName(learner.architecture);
  return learner.kind === 'scratch' ? `ViT ${shape} from scratch` : `${learner.method} ${shape}`;
}

/**
 * The learners of Table 3 in the paper's order: ResNet, a Vision Transformer from scratch for each architecture among
 * the pretrained ones, CL, GL, HL.
 */
export function learnersOf({ pretraining: { methods }, fineTuning }: Profile): Learner[] {
  const pretrained = PRETRAINING_METHODS.map((method) => {
    return { kind: 'pretrained', method, architecture: methods[method].architecture } as const;
  });
  const distinct = new Map(pretrained.map(({ architecture }) => [JSON.stringify(architecture), architecture]));
  const scratch = [...distinct.values()].map((architecture) => ({ kind: 'scratch', architecture }) as const);
  return [{ kind: 'resnet', width: fineTuning.resnet.width }, ...scratch, ...pretrained];
}

/** The learners of Tables 4 and 5: CL, GL, HL, and a Vision Transformer of HL's architecture from scratch. */
export function learnersWithFewLabels(profile: Profile): Learner[] {
  const { architecture } = profile.pretraining.methods.hybrid;
  const pretrained = learnersOf(profile).filter(({ kind }) => kind === 'pretrained');
  return [{ kind: 'scratch', architecture }, ...pretrained];
}

/** A fine-tuning's recipe but for the seed. */
type Recipe = Omit<FineTuningOptions, 'seed'> & { readonly epochs: number; readonly layerDecay: number };

/** How a learner is trained: what the profile says of its kind, of the part of the labels that it gets, and of all. */
export function recipeOf(
  { learner, subset }: Pick<FineTuneSpec, 'learner' | 'subset'>,
  { fineTuning, lowIncidence, dataUsage }: Pick<Profile, 'fineTuning' | 'lowIncidence' | 'dataUsage'>,
): Recipe {
  const { seeds, head, pretrained, scratch, resnet, layerDecay, patchDropout, ...common } = fineTuning;
  if (learner.kind === 'resnet') {
    const { width, ...own } = resnet;
    return { ...common, ...own, layerDecay: 1 };
  }
  const own = learner.kind === 'pretrained' ? pretrained : scratch;
  const part = subset === undefined ? undefined : 'casePercent' in subset ? lowIncidence : dataUsage;
  const epochs = part?.epochs?.[learner.kind] ?? own.epochs;
  return { ...common, ...own, epochs, patchDropout, layerDecay: learner.kind === 'pretrained' ? layerDecay : 1 };
}

/** The run of a training on labels: everything that decides its weights and what they say of the test ECGs. */
export function fineTuneRun(basis: StudyBasis, { learner, seed, tasks, subset }: FineTuneSpec): RunSpec {
  const { train, validation, test } = basis.profile.data;
  const start = learner.kind === 'pretrained' ? pretrainingRun(basis, { ...learner, seed }).config : { ...learner };
  const what = `fine-tune-${learner.kind === 'pretrained' ? learner.method : learner.kind}`;
  const splits = { train, validation, test };
  const { data, backend } = basis;
  const recipe = recipeOf({ learner, subset }, basis.profile);
  return { what, config: { data, backend, splits, start, recipe, tasks, subset, seed } };
}

/** The trainings that make a row of a table for one seed: a joint head's, or one a task. */
export function specsOfRow(
  learner: Learner,
  { seed, head, subset }: { seed: number; head: 'joint' | 'separate'; subset?: (task: Task) => LabelSubset },
): FineTuneSpec[] {
  const groups = head === 'joint' ? [TASKS] : TASKS.map((task) => [task]);
  return groups.map((tasks) => ({ learner, seed, tasks, subset: subset?.(tasks[0]) }));
}

/** The end-to-end network that Table 2 sets beside encoders of an architecture: Table 3's, of its first seed. */
export function supervisedSpecs(
  { fineTuning }: Pick<Profile, 'fineTuning'>,
  architecture: Architecture,
): FineTuneSpec[] {
  const { seeds, head } = fineTuning;
  return specsOfRow({ kind: 'scratch', architecture }, { seed: seeds[0], head });
}
