import { expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { EngineError } from '../../lib/engine/engine-error';
import { type Precision, withPrecision } from '../../lib/engine/precision';
import { useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { trainingStep } from '../../lib/pretrain/training-step';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { BACKENDS_HERE } from '../backends';

const STEPS = 200;
const BATCH = 8;
const STRETCH = 20;

/** Smooth waves in noise, other ones for each ECG. */
function ecgs(name: string): Float32Array {
  const stream = randomStream(0, 'bf16', name);
  const signal = new Float32Array(BATCH * LEADS.length * SAMPLES);
  for (let row = 0; row < BATCH * LEADS.length; row++) {
    const [period, height] = [60 + 200 * stream.uniform(), stream.normal()];
    for (let i = 0; i < SAMPLES; i++) {
      signal[row * SAMPLES + i] = height * Math.sin((2 * Math.PI * i) / period) + 0.1 * stream.normal();
    }
  }
  return signal;
}

/** Losses of a hybrid pretraining, averaged over stretches of 20 steps. */
function lossCurve(precision: Precision): number[] {
  const encoder = createEncoder({ patchSize: 250, blockDepth: 1, embeddingSize: 64 }, { seed: 0 });
  const decoder = { embeddingSize: 64, blockDepth: 1, headDim: 32 };
  const objective = new Objective('hybrid', encoder, { ...DEFAULT_OBJECTIVE, decoder, seed: 0 });
  const optimiser = new AdamW(encoder.parameters);
  const batches = Array.from({ length: 16 }, (_, i) => i).map((i) => ecgs(String(i)));
  const patientIds = Array.from({ length: BATCH }, (_, i) => String(i >> 1));
  const curve = new Array(STEPS / STRETCH).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const loss = objective.prepare({ ecgs: batches[step % batches.length], patientIds }, step);
    const report = trainingStep(encoder.parameters, loss, { optimiser, rate: 1e-4, precision });
    curve[Math.floor(step / STRETCH)] += report.loss / STRETCH;
  }
  optimiser.dispose();
  objective.dispose();
  return curve;
}

it.skipIf(!BACKENDS_HERE.includes('tensorflow'))(
  'bf16 keeps the loss within 1 % of float32’s over 200 steps (skipped where TensorFlow is not set up)',
  { timeout: 120_000 },
  async () => {
    await useEngine({ backend: 'tensorflow' });
    const [exact, rounded] = [lossCurve('float32'), lossCurve('bf16')];
    expect(rounded).not.toEqual(exact);
    expect(exact.at(-1)!).toBeLessThan(0.95 * exact[0]);
    for (const [i, loss] of exact.entries()) expect(Math.abs(rounded[i] / loss - 1)).toBeLessThan(0.01);
  },
);

it('bf16 is refused where it would not be computed', async () => {
  await useEngine({ backend: 'cpu' });
  expect(() => withPrecision('bf16', () => 0)).toThrow(EngineError);
  expect(withPrecision('float32', () => 1)).toBe(1);
});
