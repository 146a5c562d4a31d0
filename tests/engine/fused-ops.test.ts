import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AdamMoments } from '../../lib/engine/adam-moments';
import { AdamW } from '../../lib/engine/adamw';
import { attentionLayer, composedAttentionLayer } from '../../lib/engine/attention-layer';
import { permuteTokens } from '../../lib/engine/gather-tokens';
import { gelu, plainGelu } from '../../lib/engine/gelu';
import { layerNorm, plainLayerNorm } from '../../lib/engine/layer-norm';
import { linear, plainLinear } from '../../lib/engine/linear';
import { meanAbsoluteError } from '../../lib/engine/mean-absolute-error';
import { composedMlpLayer, mlpLayer } from '../../lib/engine/mlp-layer';
import { hasNativeKernels } from '../../lib/engine/native-kernels';
import { plainMoments } from '../../lib/engine/plain-adam';
import { withPrecision } from '../../lib/engine/precision';
import { resourceMoments } from '../../lib/engine/resource-adam';
import { plainSumOfSquares, sumOfSquares } from '../../lib/engine/sum-of-squares';
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

const named = (weight: tf.Tensor, bias: tf.Tensor) => ({ weight, bias }) as never;

/** The inputs of the first half of a transformer block, and the half as a function of them. */
function attentionHalf({
  samples,
  tokens,
  heads,
  headDim,
}: Record<'samples' | 'tokens' | 'heads' | 'headDim', number>) {
  const dim = heads * headDim;
  const attend =
    (half: typeof attentionLayer) =>
    (x: tf.Tensor, ...w: tf.Tensor[]) =>
      half(
        x as tf.Tensor2D,
        { norm: named(w[0], w[1]), qkv: named(w[2], w[3]), proj: named(w[4], w[5]) },
        { samples, heads },
      );
  const x = normal('x', [samples * tokens, dim]);
  return { attend, inputs: [x, ...normAndTwoLayers(dim, 3 * dim, dim)] };
}

/** The same of the second half. */
function mlpHalf(rows: number, dim: number) {
  const mix =
    (half: typeof mlpLayer) =>
    (x: tf.Tensor, ...w: tf.Tensor[]) =>
      half(x as tf.Tensor2D, { norm: named(w[0], w[1]), fc1: named(w[2], w[3]), fc2: named(w[4], w[5]) });
  return { mix, inputs: [normal('x', [rows, dim]), ...normAndTwoLayers(dim, 4 * dim, 4 * dim)] };
}

/** Weights of a layer norm and of two maps that keep the scale: `dim` to `hidden` columns, `from` to `dim`. */
function normAndTwoLayers(dim: number, hidden: number, from: number): tf.Tensor[] {
  const norm = [normal('gain', [dim]), normal('shift', [dim])];
  const weight = (name: string, to: number, columns: number) => normal(name, [to, columns]).div(Math.sqrt(columns));
  const first = [weight('first w', hidden, dim), normal('first b', [hidden])];
  return [...norm, ...first, weight('second w', dim, from), normal('second b', [dim])];
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

// Tests of the kernels compare plain ops with themselves where there are none.
const { device, plainOps } = BACKENDS_HERE.includes('tensorflow')
  ? await useEngine({ backend: 'tensorflow' })
  : { device: 'cpu', plainOps: 'TensorFlow has not been set up' };
const without = device === 'gpu' ? ' (skipped: TensorFlow computes on a GPU)' : plainOps && ` (skipped: ${plainOps})`;

it.skipIf(without !== undefined)(`the kit's kernels compute${without ?? ''}`, async () => {
  await useEngine({ backend: 'tensorflow' });
  expect(hasNativeKernels()).toBe(true);
});

describe.each(BACKENDS_HERE)('on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  // Rows and widths that fill no vector, no tile and no task of the kernels whole, and some that fill several.
  it.each([
    [15, 8],
    [37, 50],
    [70, 64],
  ])('layer norm of %i rows of %i equals its plain twin in value and gradient', async (rows, dim) => {
    const inputs = [normal('x', [rows, dim]).add(3), normal('gain', [dim]), normal('bias', [dim])];
    await expectTwins(layerNorm as never, plainLayerNorm as never, inputs);
  });

  it.each([
    [7, 9],
    [129, 130],
  ])('GELU of [%i, %i] equals its plain twin in value and gradient', async (rows, dim) => {
    await expectTwins(gelu as never, plainGelu as never, [normal('x', [rows, dim]).mul(3)]);
  });

  it.each([
    [6, 4, 5],
    [1, 1, 1],
    [45, 70, 33],
    [143, 300, 96],
  ])(
    'a linear layer of %i rows, %i to %i, equals a product with the transposed weight and a sum',
    async (rows, from, to) => {
      const plain = (x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor) => tf.matMul(x, w, false, true).add(b);
      const inputs = [normal('x', [rows, from]), normal('w', [to, from]), normal('b', [to])];
      await expectTwins(linear as never, plain as never, inputs);
      await expectTwins(plainLinear as never, plain as never, inputs);
    },
  );

  it.each([
    [2, 5, 1, 4],
    [3, 43, 2, 64],
    [2, 17, 3, 10],
  ])(
    'the attention half of a block on %i samples of %i tokens with %i heads of %i equals its single ops',
    async (samples, tokens, heads, headDim) => {
      const { attend, inputs } = attentionHalf({ samples, tokens, heads, headDim });
      await expectTwins(attend(attentionLayer), attend(composedAttentionLayer), inputs);
    },
  );

  it.each([
    [7, 9],
    [129, 130],
    [18, 24],
  ])('the MLP half of a block on %i rows of %i equals its single ops', async (rows, dim) => {
    const { mix, inputs } = mlpHalf(rows, dim);
    await expectTwins(mix(mlpLayer), mix(composedMlpLayer), inputs);
  });

  it('NaN comes out of both halves of a block where it comes out of their single ops', async () => {
    const { attend, inputs: ofAttention } = attentionHalf({ samples: 2, tokens: 3, heads: 1, headDim: 8 });
    const { mix, inputs: ofMlp } = mlpHalf(6, 8);
    for (const [ours, single, [x, ...weights]] of [
      [attend(attentionLayer), attend(composedAttentionLayer), ofAttention],
      [mix(mlpLayer), mix(composedMlpLayer), ofMlp],
    ] as const) {
      const values = await x.data<'float32'>();
      values[0] = Number.NaN; // of the first token
      const given = tf.tensor(values, x.shape);
      const expected = Array.from(await single(given, ...weights).data(), Number.isNaN);
      expect(expected).toContain(true);
      expect(expected).toContain(false);
      expect(Array.from(await ours(given, ...weights).data(), Number.isNaN)).toEqual(expected);
    }
  });

  it('bf16 rounds the factors of products to bfloat16, forward and backward, and nothing else', async () => {
    if (!hasNativeKernels()) return; // no other backend offers it
    const rounded = (x: tf.Tensor) => {
      const bits = new Int32Array(x.dataSync<'float32'>().slice().buffer);
      for (const [i, b] of bits.entries()) bits[i] = (b + 0x7fff + ((b >> 16) & 1)) & 0xffff0000;
      return tf.tensor(new Float32Array(bits.buffer), x.shape);
    };
    const [x, w, b] = [normal('x', [20, 40]), normal('w', [30, 40]), normal('b', [30])];
    const dy = normal('dy', [20, 30]);
    const f = (...[rows, weight, bias]: tf.Tensor[]) =>
      linear(rows as tf.Tensor2D, weight as tf.Tensor2D, bias as tf.Tensor1D);
    const { value, grads } = withPrecision('bf16', () =>
      tf.valueAndGrads((...inputs) =>
        f(...inputs)
          .mul(dy)
          .sum(),
      )([x, w, b]),
    );
    const expected = tf.matMul(rounded(x) as tf.Tensor2D, rounded(w) as tf.Tensor2D, false, true).add(b);
    expect(relativeError(await value.data(), await expected.mul(dy).sum().data())).toBeLessThan(1e-5);
    const dx = tf.matMul(rounded(dy) as tf.Tensor2D, rounded(w) as tf.Tensor2D);
    const dw = tf.matMul(rounded(dy) as tf.Tensor2D, rounded(x) as tf.Tensor2D, true);
    for (const [i, exact] of [dx, dw, dy.sum(0)].entries()) {
      expect(relativeError(await grads[i].data(), await exact.data())).toBeLessThan(1e-6);
    }
  });

  it('a sum of squares equals its plain twin', async () => {
    const tensors = [normal('a', [3, 5]), normal('b', [40_003]), normal('c', [1])];
    expect(relativeError(await sumOfSquares(tensors).data(), await plainSumOfSquares(tensors).data())).toBeLessThan(
      1e-6,
    );
  });

  it('a mean absolute error, weighted or not, equals its plain form', async () => {
    const target = normal('y', [3, 37, 60]);
    const weight = normal('w', [3, 1, 60]).abs();
    const total = weight.sum().mul(37);
    const plain = (x: tf.Tensor) => x.sub(target).abs().mean();
    const plainWeighted = (x: tf.Tensor) => x.sub(target).abs().mul(weight).sum().div(total);
    await expectTwins((x) => meanAbsoluteError(x, target), plain, [normal('x', [3, 37, 60])]);
    await expectTwins((x) => meanAbsoluteError(x, target, weight), plainWeighted, [normal('x', [3, 37, 60])]);
  });

  it('an absolute error is 0 where both are the same, in the gradient too, and no number where one is none', async () => {
    const target = tf.tensor([1, 2, 3, 4]);
    const { value, grads } = tf.valueAndGrads((x) => meanAbsoluteError(x, target))([tf.tensor([1, 3, 1, 4])]);
    expect([...(await value.data()), ...(await grads[0].data())]).toEqual([0.75, 0, 0.25, -0.25, 0]);
    expect(await meanAbsoluteError(tf.tensor([Number.NaN, 3, 1, 4]), target).array()).toBeNaN();
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

  it.each([
    ['AdamW', undefined],
    ['AdamW on resource variables', resourceMoments],
  ] as const)('%s, twenty updates, equals its plain twin', async (_, momentsOf) => {
    if (momentsOf !== undefined && backend !== 'tensorflow') return; // TensorFlow alone has such variables
    const weights = new Parameters();
    weights.set('matrix', normal('matrix', [6, 5]));
    weights.set('vector', normal('vector', [5]));
    weights.set('long', normal('long', [1, 40_003])); // the kernel cuts up what is longer than 16,384
    const copies = () => new Map(weights.names().map((name) => [name, weights.get(name).add(0)]));
    const [start, same] = [copies(), copies()];
    const plain = { weights: start, moments: plainMoments(start) };
    const other = { weights: same, moments: momentsOf?.(same) };
    const optimiser = new AdamW(weights, {
      rateMultipliers: new Map([
        ['vector', 0.5],
        ['long', 0.25],
      ]),
    });
    const own = new Map([
      ['matrix', { rate: 1e-2, decay: 0.05 }],
      ['vector', { rate: 5e-3, decay: 0 }],
      ['long', { rate: 2.5e-3, decay: 0.05 }],
    ]);
    for (let count = 1; count <= 20; count++) {
      const gradients = new Map(
        weights.names().map((name) => [name, normal(`${name} ${count}`, weights.get(name).shape)]),
      );
      const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, count, scale: 0.7 };
      const update = (side: { weights: Map<string, tf.Tensor>; moments: AdamMoments }) => {
        const updates = Array.from(side.weights, ([name, weight]) => {
          return { name, weight, gradient: gradients.get(name)!, ...own.get(name)! };
        });
        const updated = side.moments.update(updates, settings);
        for (const [i, { name }] of updates.entries()) side.weights.set(name, tf.keep(updated[i]));
      };
      update(plain);
      if (other.moments === undefined) optimiser.step(gradients, 1e-2, { scale: 0.7 });
      else update({ weights: other.weights, moments: other.moments });
    }
    for (const [name, expected] of plain.weights) {
      const actual = other.moments === undefined ? weights.get(name) : other.weights.get(name)!;
      expect(relativeError(await actual.data(), await expected.data())).toBeLessThan(1e-5);
    }
    optimiser.dispose();
    weights.dispose();
  });
});
