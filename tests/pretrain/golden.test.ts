import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { hybridLoss } from '../../lib/pretrain/hybrid-loss';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { BACKENDS_HERE } from '../backends';
import {
  DIRECTIONS,
  GOLDEN_CASES,
  golden,
  goldenCase,
  goldenDirection,
  gradientsOf,
  relativeError,
  withoutKeyBiases,
} from '../golden-model';

const CLIP = 0.1; // a third of the gradient's norm

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
      const [actual, wanted] = withoutKeyBiases(weight, await gradient.data(), expected.data);
      expect(relativeError(actual, wanted), weight).toBeLessThan(1e-4);
    }
  });

  it('in the weights after ten steps of AdamW with clipping', async () => {
    const { parameters, terms } = goldenCase('hybrid');
    const optimiser = new AdamW(parameters);
    for (let i = 0; i < 10; i++) {
      const report = await trainingStepAsync(parameters, terms, { optimiser, rate: 1e-3, clipNorm: CLIP });
      expect(report.gradientNorm).toBeGreaterThan(CLIP);
    }
    for (const name of parameters.names()) {
      const all = [await parameters.get(name).data(), golden.get(`adamw.${name}`)!.data] as const;
      const [actual, expected] = withoutKeyBiases(name, ...all);
      expected.forEach((value, i) => {
        expect(Math.abs(value - actual[i]), name).toBeLessThan(1e-5);
      });
    }
    optimiser.dispose();
  }, 240_000); // a GPU in software takes 4 s a step

  it.each([
    ['generative', 'reconstruction'],
    ['normalised', 'reconstruction'],
    ['contrastive', 'sample'],
    ['contrastive', 'patient'],
  ] as const)('in its slopes, which finite differences in float64 gave: %s, %s', async (name, term) => {
    const { parameters, terms } = goldenCase(name);
    const slopes = new Float64Array(DIRECTIONS);
    for (const [weight, gradient] of gradientsOf(parameters, () => terms()[term]!)) {
      const values = Array.from(await gradient.data());
      for (let k = 0; k < DIRECTIONS; k++) {
        const direction = goldenDirection(weight, values.length, k);
        slopes[k] += values.reduce((sum, value, i) => sum + value * direction[i], 0);
      }
    }
    expect(relativeError(slopes, golden.get(`${name}.slopes.${term}`)!.data)).toBeLessThan(1e-4);
  });
});
