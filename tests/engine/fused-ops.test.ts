import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { permuteTokens } from '../../lib/engine/gather-tokens';
import { gelu, plainGelu } from '../../lib/engine/gelu';
import { layerNorm, plainLayerNorm } from '../../lib/engine/layer-norm';
import { linear } from '../../lib/engine/linear';
import { meanAbsoluteError } from '../../lib/engine/mean-absolute-error';
import { plainSlot } from '../../lib/engine/plain-adam';
import { useEngine } from '../../lib/engine/use-engine';
import { Parameters } from '../../lib/model/parameters';
import { randomStream } from '../../lib/random';
import { BACKENDS_HERE } from '../backends';
import { relativeError } from '../golden-model';

function normal(name: string, shape: number[]): tf.Tensor {
  const stream = randomStream(0, 'fused-ops', name);
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    shape,
  );
}

/** Value and gradients of two functions of the same tensors, with the same random dy, agree. */
async function expectTwins(
  ours: (...x: tf.Tensor[]) => tf.Tensor,
  plain: typeof ours,
  inputs: tf.Tensor[],
): Promise<void> {
  const dy = normal('dy', ours(...inputs).shape);
  const [a, b] = [ours, plain].map((f) =>
    tf.valueAndGrads((...x: tf.Tensor[]) =>
      f(...x)
        .mul(dy)
        .sum(),
    )(inputs),
  );
  expect(relativeError(await ours(...inputs).data(), await plain(...inputs).data())).toBeLessThan(1e-5);
  for (const [i, gradient] of a.grads.entries()) {
    expect(gradient.shape).toEqual(inputs[i].shape);
    expect(relativeError(await gradient.data(), await b.grads[i].data())).toBeLessThan(1e-5);
  }
}

describe.each(BACKENDS_HERE)('on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it('layer norm equals its plain twin in value and gradient', async () => {
    const inputs = [normal('x', [15, 8]), normal('gain', [8]), normal('bias', [8])];
    await expectTwins(layerNorm as never, plainLayerNorm as never, inputs);
  });

  it('GELU equals its plain twin in value and gradient', async () => {
    await expectTwins(gelu as never, plainGelu as never, [normal('x', [7, 9]).mul(2)]);
  });

  it('a linear layer equals a product with the transposed weight and a sum', async () => {
    const plain = (x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor) => tf.matMul(x, w, false, true).add(b);
    await expectTwins(linear as never, plain as never, [normal('x', [6, 4]), normal('w', [5, 4]), normal('b', [5])]);
  });

  it('a mean absolute error, weighted or not, equals its plain form', async () => {
    const target = normal('y', [3, 2, 4]);
    const weight = tf.tensor([1, 0, 1, 1], [1, 1, 4]);
    const plain = (x: tf.Tensor) => x.sub(target).abs().mean();
    const plainWeighted = (x: tf.Tensor) => x.sub(target).abs().mul(weight).sum().div(18);
    await expectTwins((x) => meanAbsoluteError(x, target), plain, [normal('x', [3, 2, 4])]);
    await expectTwins((x) => meanAbsoluteError(x, target, weight), plainWeighted, [normal('x', [3, 2, 4])]);
  });

  it('a permutation of tokens has the inverse permutation as its gradient', async () => {
    const ids = Int32Array.of(2, 0, 1, 1, 2, 0);
    const inverse = Int32Array.of(1, 2, 0, 2, 0, 1);
    const x = normal('x', [2, 3, 4]) as tf.Tensor3D;
    const dy = normal('dy', [2, 3, 4]);
    const gradient = (await tf
      .grad((t) =>
        permuteTokens(t as tf.Tensor3D, ids, inverse)
          .mul(dy)
          .sum(),
      )(x)
      .array()) as number[][][];
    const moved = await permuteTokens(x, ids, inverse).array();
    const from = await x.array();
    const pulled = (await dy.array()) as number[][][];
    for (let b = 0; b < 2; b++) {
      for (let i = 0; i < 3; i++) {
        expect(moved[b][i]).toEqual(from[b][ids[3 * b + i]]);
        expect(gradient[b][ids[3 * b + i]]).toEqual(pulled[b][i]);
      }
    }
  });

  it('AdamW, twenty updates, equals its plain twin', async () => {
    const weights = new Parameters();
    weights.set('matrix', normal('matrix', [6, 5]));
    weights.set('vector', normal('vector', [5]));
    const slots = new Map(weights.names().map((name) => [name, plainSlot(weights.get(name))]));
    let plain = new Map(weights.names().map((name) => [name, weights.get(name).clone()]));
    const optimiser = new AdamW(weights);
    for (let count = 1; count <= 20; count++) {
      const gradients = new Map(
        weights.names().map((name) => [name, normal(`${name} ${count}`, weights.get(name).shape)]),
      );
      optimiser.step(gradients, 1e-2);
      const settings = { rate: 1e-2, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, count };
      plain = new Map(
        [...plain].map(([name, weight]) => {
          const decay = name === 'matrix' ? 0.05 : 0;
          return [name, tf.keep(slots.get(name)!.update(weight, gradients.get(name)!, { ...settings, decay }))];
        }),
      );
    }
    for (const name of weights.names()) {
      expect(relativeError(await weights.get(name).data(), await plain.get(name)!.data())).toBeLessThan(1e-5);
    }
    optimiser.dispose();
    weights.dispose();
  });
});
