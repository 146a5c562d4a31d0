import { lockFolder } from '../io/folder-lock';
import type { OnProgress } from '../progress';
import { removeHalfWritten } from './checkpoint';

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

/**
 * Trains in a folder that no other process trains in meanwhile, rid of what killed ones left half written.
 *
 * @throws the signal's reason when it is aborted already; the folder is then not touched
 * @throws StorageError when another process trains in the folder, or the disk refuses
 */
export async function inTrainingFolder<T>(
  { folder, signal }: Pick<TrainingRun, 'folder' | 'signal'>,
  train: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const unlock = lockFolder(folder, { file: LOCK_FILE });
  try {
    removeHalfWritten(folder);
    return await train();
  } finally {
    unlock();
  }
}
