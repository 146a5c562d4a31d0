import * as tf from '@tensorflow/tfjs';
import { FormatError } from '../errors';
import type { Parameters } from '../model/parameters';
import type { Classifier } from './classifier';

/** How well the weights after an epoch do on the validation ECGs. */
export interface EpochScore {
  /** From 1; 0 before the first. */
  readonly epoch: number;
  /** AUROC a task. */
  readonly aurocs: Readonly<Record<string, number>>;
  /** Their mean, by which the best epoch is chosen. */
  readonly auroc: number;
}

const BUFFER = 'buffer.';
const BEST = 'best.';

/**
 * Copies of a classifier's weights and buffers after its best epoch, and what training moves beside the weights, as a
 * checkpoint keeps them.
 */
export class BestWeights {
  readonly #classifier: Classifier<string>;
  /** By `best.<name>`. */
  readonly #copies = new Map<string, tf.Tensor>();
  #score: EpochScore = { epoch: 0, aurocs: {}, auroc: Number.NEGATIVE_INFINITY };

  constructor(classifier: Classifier<string>) {
    this.#classifier = classifier;
    try {
      this.#copy();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Of the best epoch so far. */
  get score(): EpochScore {
    return this.#score;
  }

  /** Takes the weights as they are if their AUROC is the best so far; of equals the earlier stays. */
  offer(score: EpochScore): void {
    if (score.auroc <= this.#score.auroc) return;
    this.#score = score;
    this.#copy();
  }

  /** Gives the classifier its best weights back. */
  giveBack(): void {
    for (const [set, name] of this.#each()) set.set(name, ownCopy(this.#copies.get(BEST + name)!));
  }

  /** Copies of buffers and best weights; the caller disposes them. */
  state(): Map<string, tf.Tensor> {
    const { buffers } = this.#classifier;
    const state = new Map(buffers.names().map((name) => [BUFFER + name, ownCopy(buffers.get(name))]));
    for (const [name, copy] of this.#copies) state.set(name, ownCopy(copy));
    return state;
  }

  notes(): EpochScore | null {
    return this.#score.epoch === 0 ? null : this.#score;
  }

  /** @throws FormatError when a tensor is missing or misshapen */
  restore(state: ReadonlyMap<string, tf.Tensor>, notes: unknown): void {
    const { buffers } = this.#classifier;
    for (const name of buffers.names()) {
      buffers.set(name, ownCopy(stateOf(state, BUFFER + name, buffers.get(name).shape)));
    }
    for (const [name, copy] of this.#copies) {
      this.#copies.set(name, tf.keep(ownCopy(stateOf(state, name, copy.shape))));
      copy.dispose();
    }
    if (notes !== null) this.#score = notes as EpochScore;
  }

  dispose(): void {
    tf.dispose([...this.#copies.values()]);
    this.#copies.clear();
  }

  #copy(): void {
    for (const [set, name] of this.#each()) {
      this.#copies.get(BEST + name)?.dispose();
      this.#copies.set(BEST + name, tf.keep(ownCopy(set.get(name))));
    }
  }

  #each(): [Parameters, string][] {
    const { parameters, buffers } = this.#classifier;
    return [parameters, buffers].flatMap((set) => set.names().map((name): [Parameters, string] => [set, name]));
  }
}

function stateOf(state: ReadonlyMap<string, tf.Tensor>, name: string, shape: number[]): tf.Tensor {
  const found = state.get(name);
  if (found !== undefined && found.shape.join() === shape.join()) return found;
  const actual = found === undefined ? 'nothing' : `shape [${found.shape}]`;
  throw new FormatError('best weights', { expected: `shape [${shape}]`, actual, where: { key: name } });
}

/** A copy in memory of its own: training writes into a weight's memory. */
function ownCopy(tensor: tf.Tensor): tf.Tensor {
  return tensor.add(0);
}
