import { residentMemory } from '../pretrain/resident-memory';
import type { BenchRow } from './python-peer';

const [FROM, TO] = [200, 2000];

/** Resident size of a training (HL, TensorFlow, a small encoder, batches of 32 from a store) from step 200 to 2,000. */
export async function benchMemory(): Promise<BenchRow[]> {
  const samples = await residentMemory([FROM, 650, 1100, 1550, TO], {
    batchSize: 32,
    patchSize: 500,
    embeddingSize: 32,
  });
  const [first, last] = [samples[0], samples[samples.length - 1]];
  const row = { peerName: `at step ${FROM}` };
  return [
    {
      ...row,
      what: `resident size of a training at step ${TO}`,
      unit: 'MB',
      ours: last.residentMb,
      peer: first.residentMb,
      ratio: first.residentMb / last.residentMb,
    },
    {
      ...row,
      what: `tensors of a training at step ${TO}`,
      unit: 'tensors',
      ours: last.tensors,
      peer: first.tensors,
      ratio: first.tensors / last.tensors,
    },
  ];
}
