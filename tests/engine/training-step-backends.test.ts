import { expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { BACKENDS, type Backend, useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { type StepReport, trainingStepAsync } from '../../lib/pretrain/training-step';
import { randomStream } from '../../lib/random';
import { useSoftwareGpu } from '../software-gpu';

useSoftwareGpu();

const architecture = { patchSize: 250, blockDepth: 1, embeddingSize: 32, headDim: 16 };
const decoder = { embeddingSize: 16, blockDepth: 1, headDim: 8 };

/** Losses and gradient norms of two steps of hybrid learning on noise. */
async function twoSteps(backend: Backend): Promise<number[]> {
  await useEngine({ backend });
  const encoder = createEncoder(architecture, { seed: 0 });
  const objective = new Objective('hybrid', encoder, { ...DEFAULT_OBJECTIVE, decoder, seed: 0 });
  const optimiser = new AdamW(encoder.parameters);
  const noise = randomStream(0, 'ecgs');
  const ecgs = Float32Array.from({ length: 4 * 12 * 2500 }, () => noise.normal());
  const patientIds = ['a', 'a', 'b', 'c'];
  const reports: StepReport[] = [];
  for (const step of [0, 1]) {
    const loss = objective.prepare({ ecgs, patientIds }, step);
    reports.push(await trainingStepAsync(encoder.parameters, loss, { optimiser, rate: 1e-3 }));
  }
  optimiser.dispose();
  objective.dispose();
  return reports.flatMap((report) => Object.values(report));
}

const expected = await twoSteps('cpu');

it.for(BACKENDS.filter((backend) => backend !== 'cpu'))(
  'trains alike on %s and in JavaScript',
  async (backend, context) => {
    const loads = await useEngine({ backend }).catch((error: Error) => error.message);
    if (typeof loads === 'string') context.skip(loads);
    const actual = await twoSteps(backend);
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-4 * Math.abs(expected[i]));
    });
  },
);
