import type { Predictions } from '../metrics/predictions';
import type { Task } from '../metrics/tasks';
import { type Architecture, architectureName } from '../model/architecture';
import type { ModelName, ProbedModel } from './probed-model';

/** What the paper's tables tell of an architecture. */
export type EncoderShape = Pick<Architecture, 'patchSize' | 'blockDepth' | 'embeddingSize'>;

/** What names a row of a table of scores. */
export interface RowKey {
  readonly model: ModelName;
  /** Absent for the ResNet. */
  readonly architecture?: EncoderShape;
  /** What else tells rows apart, as the column says it, e.g. `{ case_ratio_percent: '5' }`. */
  readonly setting: Readonly<Record<string, string>>;
}

/** A model, trained and asked about each test ECG: one per row and seed of a table of scores. */
export interface ScoredModel extends Omit<RowKey, 'setting'> {
  /** Default: none. */
  readonly setting?: RowKey['setting'];
  readonly seed: number;
  /** Names of the run folders behind it: one, or four, of the tasks MI, STTC, CD and HYP. */
  readonly runs: readonly string[];
  /** On the validation ECGs, where they are told. */
  readonly validationAurocs?: Readonly<Record<Task, number>>;
  readonly predictions: Predictions;
}

/** A probed encoder as a row of Table 1, its probe as the setting. */
export function scoredModelOf({ model, probe, seed, run, validationAurocs, ...rest }: ProbedModel): ScoredModel {
  const { patchSize, blockDepth, embeddingSize, predictions } = rest;
  const architecture = { patchSize, blockDepth, embeddingSize };
  return { model, architecture, setting: { probe }, seed, runs: [run], validationAurocs, predictions };
}

/** An architecture in a word, `250/2/1024`; nothing for the ResNet. */
export function shapeName(architecture: EncoderShape | undefined): string {
  return architecture === undefined ? '' : architectureName(architecture);
}

/** Rows are one where this is equal. */
export function rowName({ model, architecture, setting }: RowKey): string {
  const parts = Object.entries(setting)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key} ${value}`);
  return [model, shapeName(architecture), ...parts].filter((part) => part !== '').join(', ');
}
