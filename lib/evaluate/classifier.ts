import type * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';
import type { Task } from '../metrics/tasks';
import type { Parameters } from '../model/parameters';

/** A network that tells, for each ECG and each of some binary tasks, how likely the diagnosis is. */
export interface Classifier<Name extends string = Task> {
  /** A logit each; several make a joint head. */
  readonly tasks: readonly Name[];
  /** What is trained. */
  readonly parameters: Parameters;
  /** What training moves without a gradient: running statistics of batch norms. */
  readonly buffers: Parameters;
  /** Patches that it cuts an ECG into, which training may leave out; undefined where it has none. */
  readonly patches?: number;
  /**
   * Logits of ECGs: the probability of a task is 1 / (1 + exp(-logit)).
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @param options.training as the network trains: batch norms by the batch's own statistics; default false
   * @param options.visible `[batch, kept]`, the patches to look at; default all
   * @returns `[batch, task]`
   */
  logits(ecgs: tf.Tensor3D, options?: { training?: boolean; visible?: Int32Array }): tf.Tensor2D;
  /** Factors on the learning rate by the weight's name, for layer-wise decay. */
  rateMultipliers(layerDecay: number): ReadonlyMap<string, number>;
  /**
   * Writes weights and buffers as safetensors, names and layout as PyTorch's; `readClassifier` reads them.
   *
   * @param options.metadata texts to keep
   */
  write(path: string, options?: { metadata?: Readonly<Record<string, string>> }): void;
  dispose(): void;
}

/** How a classifier's head starts. */
export interface HeadOptions<Name extends string> {
  /** The tasks, a logit each. */
  readonly tasks: readonly Name[];
  /**
   * Share of positives of each task, in (0, 1): the head's biases start at its log-odds, log(p / (1 - p)), so that the
   * untrained network predicts it (Lin et al., 2017); default: they start as the network's kind has it.
   */
  readonly prevalence?: Readonly<Record<Name, number>>;
}

/**
 * The biases with which a head predicts the share of positives: log(p / (1 - p)) a task.
 *
 * @returns `[task]`
 * @throws ArgumentError when a share is not between 0 and 1
 */
export function logOdds<Name extends string>(
  prevalence: Readonly<Record<Name, number>>,
  tasks: readonly Name[],
): Float32Array {
  return Float32Array.from(tasks, (task) => {
    const share = prevalence[task];
    if (!(share > 0 && share < 1)) {
      const actual = String(share);
      throw new ArgumentError('prevalence', { expected: 'a share between 0 and 1', actual, where: { key: task } });
    }
    return Math.log(share / (1 - share));
  });
}

/** @throws ArgumentError when there is no task, or one twice */
export function checkTasks(tasks: readonly string[]): void {
  if (tasks.length > 0 && new Set(tasks).size === tasks.length) return;
  throw new ArgumentError('tasks', { expected: 'at least one, each once', actual: tasks.join(', ') || 'none' });
}
