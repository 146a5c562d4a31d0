import type { Architecture } from '../../lib/model/architecture';
import { createEncoder } from '../../lib/model/encoder';
import type { PretrainingMethod } from '../../lib/pretrain/method';
import { DEFAULT_OBJECTIVE, type EcgBatch, Objective, type ObjectiveOptions } from '../../lib/pretrain/objective';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';

/** Patches of 60 pad the last one, so that parts of a batch judge different numbers of samples. */
export const SMALL = { patchSize: 60, blockDepth: 1, embeddingSize: 16, headDim: 8 };

/** A small objective at its random start. */
export function smallObjective(
  method: PretrainingMethod,
  options: Partial<ObjectiveOptions> = {},
  architecture: Architecture = SMALL,
): Objective {
  const decoder = { embeddingSize: 8, blockDepth: 1, headDim: 8 };
  return new Objective(method, createEncoder(architecture, { seed: 3 }), {
    ...DEFAULT_OBJECTIVE,
    decoder,
    ...options,
    seed: 3,
  });
}

/** ECGs of white noise, two a patient but the last. */
export function noiseBatch(count: number): EcgBatch {
  const noise = randomStream(3, 'ecgs');
  const ecgs = Float32Array.from({ length: count * LEADS.length * SAMPLES }, () => noise.normal());
  return { ecgs, patientIds: Array.from({ length: count }, (_, i) => `patient ${i >> 1}`) };
}
