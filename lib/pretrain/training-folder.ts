import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import { lockFolder } from '../io/folder-lock';
import { withoutPart } from '../io/own-folder';
import { PART } from '../io/whole-file';
import type { OnProgress } from '../progress';
import { hasCheckpoint } from './checkpoint';
import { METRICS_FILE } from './training-log';

/** Where a training runs and who watches it; none of it decides the weights. */
export interface TrainingRun {
  /**
   * Gets `metrics.jsonl` and TensorBoard's events, two generations of a checkpoint on the way, and
   * `weights.safetensors` at the end; made when it is missing.
   */
  readonly folder: string;
  /** What progress calls it. */
  readonly task: string;
  /** Called after every step. */
  readonly onProgress?: OnProgress;
  /** Told in a line what went wrong and was mended, such as a damaged checkpoint; default: a line to stderr. */
  readonly onNotice?: (line: string) => void;
  /**
   * Stops after the step under way, with a checkpoint unless the last losses were out of bounds; the promise is then
   * rejected with its reason.
   */
  readonly signal?: AbortSignal;
  /** Seconds from a checkpoint to the next; default 30, and more where writing one would take 5 % of the time. */
  readonly checkpointEveryS?: number;
}

export const WEIGHTS_FILE = 'weights.safetensors';

/** Keeps a second training out of the folder; the run's own lock is another, so that a training is safe by itself. */
const LOCK_FILE = 'training.lock';

/** Settings of a run of a study, whose folder is the study's: its trainings may begin there again. */
const RUN_FILE = 'config.json';

/** Of a training's files, without the number of a temporary one. */
const OURS = /^(weights|checkpoint|checkpoint-before)\.safetensors$|^metrics\.jsonl$|^events\.out\.tfevents\./;

/**
 * Trains in a folder that no other process trains in meanwhile, rid of what killed ones left half written.
 *
 * @throws the signal's reason when it is aborted already; the folder is then not touched
 * @throws ArgumentError when the folder holds finished weights, or curves of another program
 * @throws StorageError when another process trains in the folder, or the disk refuses
 */
export async function inTrainingFolder<T>(
  { folder, signal }: Pick<TrainingRun, 'folder' | 'signal'>,
  train: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const unlock = lockFolder(folder, { file: LOCK_FILE });
  try {
    const files = readdirSync(folder);
    requireUntrained(folder, files);
    for (const file of files) {
      if (file.endsWith(PART) && OURS.test(withoutPart(file))) rmSync(join(folder, file), { force: true });
    }
    return await train();
  } finally {
    unlock();
  }
}

/** A training that has begun has a checkpoint, or curves for TensorBoard too. */
function requireUntrained(folder: string, files: readonly string[]): void {
  if (hasCheckpoint(folder) || files.includes(RUN_FILE)) return;
  const begun = files.some((file) => file.startsWith('events.out.tfevents.'));
  const found = files.find((file) => file === WEIGHTS_FILE || (file === METRICS_FILE && !begun));
  if (found === undefined) return;
  const expected = 'none trained yet, or a training to go on with: name another, or move away what is here';
  throw new ArgumentError('folder of a training', { expected, actual: found, where: { file: folder } });
}
