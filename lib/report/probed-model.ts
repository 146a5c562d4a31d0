import type { Predictions } from '../metrics/predictions';
import type { Task } from '../metrics/tasks';
import type { Method } from '../pretrain/method';

/** The names of the paper's models, as the `model` column of every table has them. */
export const MODEL_NAMES = [
  'Random Initialization',
  'Contrastive Learning',
  'Generative Learning',
  'Hybrid Learning',
  'Supervised Learning (ResNet)',
  'Supervised Learning (ViT)',
] as const;

export type ModelName = (typeof MODEL_NAMES)[number];

/** How the linear probe was fitted: `weak` as in the paper (plain, Adam), `tuned` standardised with its L2 chosen. */
export type ProbeName = 'weak' | 'tuned';

/** One encoder with a probe on it, and what the probe said about each test ECG. */
export interface ProbedModel {
  readonly model: ModelName;
  readonly method: Method;
  readonly patchSize: number;
  readonly blockDepth: number;
  readonly embeddingSize: number;
  readonly seed: number;
  /** The run folder's name: the hash of everything that decides the result. */
  readonly run: string;
  readonly probe: ProbeName;
  /** On the validation ECGs, by which it was chosen. */
  readonly validationAurocs: Readonly<Record<Task, number>>;
  readonly predictions: Predictions;
}

const NAME_OF_METHOD: Readonly<Record<Method, ModelName>> = {
  random: 'Random Initialization',
  contrastive: 'Contrastive Learning',
  generative: 'Generative Learning',
  hybrid: 'Hybrid Learning',
};

/** The paper's name of a pretraining method. */
export function modelNameOf(method: Method): ModelName {
  return NAME_OF_METHOD[method];
}

const SHORT_NAMES: Readonly<Record<ModelName, string>> = {
  'Random Initialization': 'random',
  'Contrastive Learning': 'CL',
  'Generative Learning': 'GL',
  'Hybrid Learning': 'HL',
  'Supervised Learning (ResNet)': 'SL ResNet',
  'Supervised Learning (ViT)': 'SL ViT',
};

/** The short name that sentences and claims use: random, CL, GL, HL, SL ResNet, SL ViT. */
export function shortModelName(model: ModelName): string {
  return SHORT_NAMES[model];
}
