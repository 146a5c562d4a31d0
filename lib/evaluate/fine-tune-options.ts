import type { Precision } from '../engine/precision';
import { ArgumentError } from '../errors';
import { type AugmentationOptions, assertAugmentation } from '../pretrain/augmentation';

/** The recipe of a fine-tuning; the paper states none of it. */
export interface FineTuningOptions {
  /** The order of the ECGs, and how they are augmented, follow from it. */
  readonly seed: number;
  /** At most so many passes over the training ECGs, over which the rate falls to zero; default 50. */
  readonly epochs?: number;
  /** Stop after so many epochs in a row without a better validation AUROC; default 10. */
  readonly patience?: number;
  /** ECGs a step; default 64, and all of them where there are fewer. */
  readonly batchSize?: number;
  /** Peak learning rate, reached after the warm-up; default 5e-4. */
  readonly learningRate?: number;
  /** Share of the steps in which the rate rises linearly; the rest follows half a cosine; default .1. */
  readonly warmup?: number;
  /**
   * Factor on the learning rate from a layer of the transformer to the one below it, in (0, 1]; default .75 (ST-MEM).
   * 1 for a network that was not pretrained.
   */
  readonly layerDecay?: number;
  /** Of AdamW; biases and norms are never decayed; default .05. */
  readonly weightDecay?: number;
  /** Decay of AdamW's moments; default (.9, .999), PyTorch's, with which MAE fine-tunes. */
  readonly betas?: readonly [number, number];
  /** Gradients are scaled down to this norm; default 1. */
  readonly clipNorm?: number;
  /**
   * `none` (default, as the paper): all ECGs count alike. `balanced`: those of a task's two classes are weighted so that
   * the classes count alike, n / (2 n_class).
   */
  readonly classWeights?: 'none' | 'balanced';
  /** How an ECG is changed each time it is seen: crop, time-out, scale, noise; default: not at all. */
  readonly augmentation?: AugmentationOptions;
  /**
   * Share of an ECG's patches, in (0, 1), that are left out each time it is trained on: PatchDropout (Liu et al., 2023),
   * about so much less work, and some regularisation; default none. Vision Transformers only.
   */
  readonly patchDropout?: number;
  /** Of matrix products while training; default `float32`. Vision Transformers only: a ResNet's convolutions have none. */
  readonly precision?: Precision;
}

/** What a fine-tuning takes where nothing else is asked for. */
export const DEFAULT_FINE_TUNING = {
  epochs: 50,
  patience: 10,
  batchSize: 64,
  learningRate: 5e-4,
  warmup: 0.1,
  layerDecay: 0.75,
  weightDecay: 0.05,
  betas: [0.9, 0.999],
  clipNorm: 1,
  classWeights: 'none',
  precision: 'float32',
} as const satisfies Omit<FineTuningOptions, 'seed'>;

export type FineTuningRecipe = FineTuningOptions & Required<Omit<FineTuningOptions, 'augmentation' | 'patchDropout'>>;

/** Fills in the defaults. @throws ArgumentError for a value out of its range */
export function fineTuningRecipe(options: FineTuningOptions): FineTuningRecipe {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const recipe = { ...DEFAULT_FINE_TUNING, ...given } as FineTuningRecipe;
  const isShareOrNone = (value?: number) => value === undefined || (value > 0 && value < 1);
  const isCount = (value: number) => Number.isInteger(value) && value >= 1;
  const rules: [keyof FineTuningRecipe, string, boolean][] = [
    ['epochs', 'a whole number >= 1', isCount(recipe.epochs)],
    ['patience', 'a whole number >= 1', isCount(recipe.patience)],
    ['batchSize', 'a whole number >= 1', isCount(recipe.batchSize)],
    ['learningRate', 'a number above 0', recipe.learningRate > 0 && Number.isFinite(recipe.learningRate)],
    ['warmup', 'a share in [0, 1)', recipe.warmup >= 0 && recipe.warmup < 1],
    ['layerDecay', 'a number in (0, 1]', recipe.layerDecay > 0 && recipe.layerDecay <= 1],
    ['weightDecay', 'a number >= 0', recipe.weightDecay >= 0],
    ['betas', 'two numbers in [0, 1)', recipe.betas.every((beta) => beta >= 0 && beta < 1)],
    ['clipNorm', 'a number above 0', recipe.clipNorm > 0],
    ['patchDropout', 'a share in (0, 1), or none', isShareOrNone(recipe.patchDropout)],
    ['classWeights', "'none' or 'balanced'", ['none', 'balanced'].includes(recipe.classWeights)],
    ['precision', "'float32' or 'bf16'", ['float32', 'bf16'].includes(recipe.precision)],
  ];
  for (const [key, expected, holds] of rules) {
    if (!holds) throw new ArgumentError('fine-tuning', { expected, actual: String(recipe[key]), where: { key } });
  }
  if (recipe.augmentation !== undefined) assertAugmentation(recipe.augmentation);
  return recipe;
}
