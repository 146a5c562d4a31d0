import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { hybridLoss } from '../../lib/pretrain/hybrid-loss';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { BACKENDS_HERE } from '../backends';
import { GOLDEN_CASES, golden, goldenCase, gradientsOf, relativeError } from '../golden-model';

// Values of PyTorch in float64: tests/golden/torch/make_golden.py.
describe.each(BACKENDS_HERE)('pretraining on %s equals PyTorch', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.engine().startScope();
  });

  it.each(GOLDEN_CASES)('in the loss and its gradient: %s', async (name) => {
    const { parameters, terms } = goldenCase(name);
    for (const [term, loss] of Object.entries(terms())) {
      const expected = golden.get(`${name}.loss.${term}`)!.data[0];
      expect(Math.abs((await loss.data())[0] - expected) / expected, term).toBeLessThan(1e-5);
    }
    const grads = gradientsOf(parameters, () => hybridLoss(terms()));
    for (const [weight, gradient] of grads) {
      const expected = golden.get(`${name}.gradient.${weight}`)!;
      expect(gradient.shape, weight).toEqual(expected.shape);
      const error = relativeError(await gradient.data(), expected.data);
      const isZero = expected.data.every((value) => Math.abs(value) < 1e-12); // key biases: softmax does not see them
      if (!isZero) expect(error, weight).toBeLessThan(weight.endsWith('qkv.bias') ? 1e-3 : 1e-4);
    }
  });

  it('in the weights after ten steps of AdamW with clipping', async () => {
    const { parameters, terms } = goldenCase('hybrid');
    const optimiser = new AdamW(parameters);
    for (let i = 0; i < 10; i++) await trainingStepAsync(parameters, terms, { optimiser, rate: 1e-3 });
    for (const name of parameters.names()) {
      const actual = await parameters.get(name).data();
      const expected = golden.get(`adamw.${name}`)!.data;
      const worst = Array.from(expected, Number).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - actual[i])),
        0,
      );
      // A key's bias has no gradient but rounding, which Adam scales up to whole steps.
      const compared = name.endsWith('qkv.bias') ? 2e-2 : 1e-5;
      expect(worst, name).toBeLessThan(compared);
    }
    optimiser.dispose();
  }, 240_000); // a GPU in software takes 4 s a step

  it.each(GOLDEN_CASES)('in the slope along its gradient, by finite differences: %s', async (name) => {
    const { parameters, terms } = goldenCase(name);
    const grads = gradientsOf(parameters, () => hybridLoss(terms()));
    const squares = tf.addN([...grads.values()].map((gradient) => gradient.square().sum()));
    const norm = Math.sqrt((await squares.data())[0]);
    const start = new Map(parameters.names().map((weight) => [weight, parameters.get(weight).clone()]));
    const lossAt = async (distance: number) => {
      for (const [weight, origin] of start) {
        parameters.set(weight, origin.add(grads.get(weight)!.mul(distance / norm)));
      }
      return (await hybridLoss(terms()).data())[0];
    };
    const central = async (distance: number) => ((await lossAt(distance)) - (await lossAt(-distance))) / (2 * distance);
    const slope = (4 * (await central(1e-2)) - (await central(2e-2))) / 3; // far enough to stand out from float32 rounding
    expect(Math.abs(slope / norm - 1)).toBeLessThan(1e-2);
  });
});
