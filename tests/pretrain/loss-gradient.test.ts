import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { meanOfPatches, pool } from '../../lib/model/encoder';
import { hybridLoss } from '../../lib/pretrain/hybrid-loss';
import { lossGradient } from '../../lib/pretrain/loss-gradient';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { QUICK_BACKENDS_HERE } from '../backends';
import { relativeError, withoutKeyBiases } from '../golden-model';
import { noiseBatch, SMALL, smallObjective } from './noise-objective';

const TERMS = ['reconstruction', 'sample', 'patient'] as const;
const WEIGHTS = { reconstruction: 4, sample: 1, patient: 0.5 };
const CLIP = 0.2;

/** The gradient of one term alone, as numbers; 0 where the term does not depend on a weight. */
async function gradientOf(term: (typeof TERMS)[number], names: readonly string[]) {
  const lossWeights = { reconstruction: 0, sample: 0, patient: 0, [term]: 1 };
  const objective = smallObjective('hybrid', { lossWeights });
  const { parameters } = objective.encoder;
  const loss = objective.prepare(noiseBatch(4), 0);
  expect(Object.keys(loss())).toEqual([term]);
  const own = parameters.names();
  const { grads } = tf.valueAndGrads(() => hybridLoss(loss()))(own.map((name) => parameters.get(name)));
  const read = new Map(await Promise.all(own.map(async (name, i) => [name, await grads[i].data()] as const)));
  const values = names.map((name) => read.get(name));
  const norm = Math.sqrt([...read.values()].flatMap((array) => [...array]).reduce((sum, x) => sum + x * x, 0));
  objective.dispose();
  return { values, norm };
}

describe.each(QUICK_BACKENDS_HERE)('gradients of the single losses on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.engine().startScope();
  });

  it.each(['sum', 'clipped', 'normalised'] as const)('make one as the formula says: %s', async (lossGradients) => {
    const objective = smallObjective('hybrid', { lossGradients, lossWeights: WEIGHTS });
    const { parts, gradientOptions } = objective.prepare(noiseBatch(4), 0);
    const { parameters } = objective.encoder;
    const made = lossGradient(parts, parameters, { ...gradientOptions, clipNorm: CLIP });
    const names = parameters.names();
    expect([...made.gradients.keys()].sort()).toEqual([...names].sort());
    const single = await Promise.all(TERMS.map((term) => gradientOf(term, names)));
    const factors = single.map(({ norm }, k) => {
      const own = { sum: 1, clipped: Math.min(1, CLIP / norm), normalised: 1 / norm }[lossGradients];
      return own * WEIGHTS[TERMS[k]];
    });
    if (lossGradients === 'clipped') expect(single.filter(({ norm }) => norm > CLIP)).toHaveLength(2); // both ways
    for (const [i, name] of names.entries()) {
      const actual = await made.gradients.get(name)!.data();
      const expected = Array.from(actual, (_, j) =>
        single.reduce((sum, { values }, k) => sum + factors[k] * (values[i]?.[j] ?? 0), 0),
      );
      expect(relativeError(actual, expected), name).toBeLessThan(name.endsWith('qkv.bias') ? 1e-3 : 1e-5);
    }
    for (const [k, term] of TERMS.entries()) {
      if (lossGradients === 'sum') expect(made.squares[term]).toBeUndefined();
      else expect(Math.sqrt((await made.squares[term]!.data())[0]) / single[k].norm).toBeCloseTo(1, 5);
    }
  });

  it.each(['sum', 'clipped', 'normalised'] as const)('reach AdamW, %s, clipped once', async (lossGradients) => {
    const objective = smallObjective('hybrid', { lossGradients, lossWeights: WEIGHTS });
    const { parameters } = objective.encoder;
    const optimiser = new AdamW(parameters);
    const loss = objective.prepare(noiseBatch(4), 0);
    const made = lossGradient(loss.parts, parameters, { ...loss.gradientOptions, clipNorm: CLIP });
    const report = await trainingStepAsync(parameters, loss, { optimiser, rate: 1e-3, clipNorm: CLIP });
    expect(report.gradientNorm).toBeGreaterThan(CLIP);
    const scale = lossGradients === 'sum' ? CLIP / report.gradientNorm : 1; // the others were scaled term by term
    const moments = optimiser.state();
    for (const [name, gradient] of made.gradients) {
      const first = await moments.get(`adam.first.${name}`)!.data(); // .1 of the first step's gradient
      const expected = (await gradient.data()).map((value) => 0.1 * scale * value);
      const [actual, wanted] = withoutKeyBiases(name, first, expected);
      expect(relativeError(actual, wanted), name).toBeLessThan(1e-5);
    }
    optimiser.dispose();
    objective.dispose();
  });

  it('that are normalised move the weights by the balance of the loss weights, whatever the scale of a loss', async () => {
    const [lossGradients, lossWeights] = ['normalised', { reconstruction: 1, sample: 1, patient: 0 }] as const;
    const objective = smallObjective('hybrid', { lossGradients, lossWeights });
    const { parameters } = objective.encoder;
    const optimiser = new AdamW(parameters);
    const loss = objective.prepare(noiseBatch(4), 0);
    const report = await trainingStepAsync(parameters, loss, { optimiser, rate: 1e-3 });
    expect(Object.keys(report)).toEqual([
      'loss',
      'reconstruction',
      'sample',
      'gradientNorm',
      'reconstructionNorm',
      'sampleNorm',
    ]);
    expect(report.loss).toBeCloseTo(report.reconstruction! + report.sample!, 4);
    expect(report.gradientNorm).toBeGreaterThan(1); // two of length one, nearly at right angles
    expect(report.gradientNorm).toBeLessThan(2);
    optimiser.dispose();
    objective.dispose();
  });

  it('stay out where a weight is 0, with the decoder or the projector that only they need', async () => {
    const batch = noiseBatch(4);
    const withoutReconstruction = smallObjective('hybrid', { lossWeights: { ...WEIGHTS, reconstruction: 0 } });
    expect(withoutReconstruction.decoder).toBeUndefined();
    expect(Object.keys(withoutReconstruction.prepare(batch, 0)())).toEqual(['sample', 'patient']);
    const onlyReconstruction = smallObjective('hybrid', { lossWeights: { ...WEIGHTS, sample: 0, patient: 0 } });
    const alone = smallObjective('generative', { lossWeights: WEIGHTS });
    expect(onlyReconstruction.encoder.parameters.names()).toEqual(alone.encoder.parameters.names());
    const terms = onlyReconstruction.prepare(batch, 0)();
    expect(await terms.reconstruction!.data()).toEqual(await alone.prepare(batch, 0)().reconstruction!.data());
    const nothing = () => smallObjective('contrastive', { lossWeights: { reconstruction: 1, sample: 0, patient: 0 } });
    expect(nothing).toThrow(/loss weights: expected a weight above 0 for one of sample, patient/);
  });

  it('that are no finite number leave the weights and the target as they are', async () => {
    const objective = smallObjective('hybrid', { emaTarget: { decay: 0.5 } });
    const { parameters } = objective.encoder;
    const optimiser = new AdamW(parameters);
    const batch = noiseBatch(2);
    batch.ecgs.fill(Number.NaN, 0, 1);
    const read = async () => [
      ...(await parameters.get('patch_embed.proj.weight').data()),
      ...(await objective.state().get('target.patch_embed.proj.weight')!.data()),
    ];
    const before = await read();
    const report = await trainingStepAsync(parameters, objective.prepare(batch, 0), { optimiser, rate: 1e-3 });
    expect(report.loss).toBeNaN();
    expect(await read()).toEqual(before);
    expect(optimiser.count).toBe(0);
    optimiser.dispose();
    objective.dispose();
  });

  it('reach the projector through the CLS token where that is pooled', async () => {
    const { encoder } = smallObjective('contrastive', { pooling: 'cls' });
    const signal = tf.tensor3d(noiseBatch(2).ecgs, [2, 12, 2500]);
    const tokens = encoder.encode(signal);
    expect(await encoder.embed(signal, { pooling: 'cls' }).data()).toEqual(
      await tokens.slice([0, 0, 0], [2, 1, SMALL.embeddingSize]).data(),
    );
    expect(await encoder.embed(signal).data()).toEqual(await meanOfPatches(tokens).data());
    expect(await pool(tokens, 'mean').data()).toEqual(await meanOfPatches(tokens).data());
  });
});
