import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';
import type { RandomStream } from '../random';

/**
 * Named weights, each a kept tensor in PyTorch's layout under timm's name (`blocks.0.attn.qkv.weight`).
 *
 * An optimiser replaces a tensor by `set`; the old one is disposed.
 */
export class Parameters {
  readonly #tensors = new Map<string, tf.Tensor>();

  /** Adds or replaces a weight; the tensor is kept until it is replaced or the set is disposed. */
  set(name: string, tensor: tf.Tensor): void {
    const old = this.#tensors.get(name);
    this.#tensors.set(name, tf.keep(tensor));
    if (old !== undefined && old !== tensor) old.dispose();
  }

  /** Replaces a weight by what `change` makes of it; `change` releases the old tensor itself, as early as it can. */
  update(name: string, change: (old: tf.Tensor) => tf.Tensor): void {
    this.#tensors.set(name, tf.keep(change(this.get(name))));
  }

  /** @throws ArgumentError when there is no such weight */
  get<T extends tf.Tensor = tf.Tensor>(name: string): T {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      throw new ArgumentError('weights', { expected: `a weight named ${name}`, actual: this.names().join(', ') });
    }
    return tensor as T;
  }

  names(): string[] {
    return [...this.#tensors.keys()];
  }

  /** Numbers in all weights together. */
  count(): number {
    return [...this.#tensors.values()].reduce((sum, tensor) => sum + tensor.size, 0);
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }

  /** The weight and bias of a linear layer: Xavier uniform weights and zero bias, as MAE starts them. */
  addLinear(name: string, outSize: number, inSize: number, stream: RandomStream): void {
    this.set(`${name}.weight`, tf.tensor2d(xavierUniform(outSize, inSize, stream), [outSize, inSize]));
    this.set(`${name}.bias`, tf.zeros([outSize]));
  }

  /** Gain one and bias zero of a layer norm. */
  addLayerNorm(name: string, dim: number): void {
    this.set(`${name}.weight`, tf.ones([dim]));
    this.set(`${name}.bias`, tf.zeros([dim]));
  }

  /** A learnt token, N(0, 0.02), of shape `[1, 1, dim]`. */
  addToken(name: string, dim: number, stream: RandomStream): void {
    const values = Float32Array.from({ length: dim }, () => 0.02 * stream.normal());
    this.set(name, tf.tensor3d(values, [1, 1, dim]));
  }
}

/** Uniform on +-sqrt(6 / (in + out)) (Glorot and Bengio, 2010). */
export function xavierUniform(outSize: number, inSize: number, stream: RandomStream): Float32Array {
  const bound = Math.sqrt(6 / (inSize + outSize));
  return Float32Array.from({ length: outSize * inSize }, () => bound * (2 * stream.uniform() - 1));
}
