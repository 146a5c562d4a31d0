import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EcgSource } from '../../lib/pretrain/ecg-source';
import { storeSource } from '../../lib/pretrain/ecg-source';
import { DEFAULT_OBJECTIVE } from '../../lib/pretrain/objective';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { type EcgStore, openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { exampleDataset } from '../store/example-dataset';

const SIZE = LEADS.length * SAMPLES;

/** 16 ECGs of 8 patients: sines of a frequency a patient, with noise. */
export const sines: EcgSource = {
  recordIds: Array.from({ length: 16 }, (_, row) => `record ${row}`),
  patientIds: Array.from({ length: 16 }, (_, row) => `patient ${row >> 1}`),
  read(rows) {
    const ecgs = new Float32Array(rows.length * SIZE);
    Array.from(rows).forEach((row, i) => {
      const noise = randomStream(row, 'noise');
      for (let k = 0; k < SIZE; k++) {
        ecgs[i * SIZE + k] = Math.sin(((k % SAMPLES) * (2 + (row >> 1))) / 60) + 0.05 * noise.normal();
      }
    });
    return ecgs;
  },
};

/** A recipe of 6 steps on `sines`, with an encoder of a few thousand weights. */
export const recipe = {
  ...DEFAULT_OBJECTIVE,
  decoder: { embeddingSize: 32, blockDepth: 1, headDim: 16 },
  architecture: { patchSize: 250, blockDepth: 1, embeddingSize: 32, headDim: 16 },
  epochs: 3,
  batchSize: 8,
  learningRate: 3e-3,
  warmup: 0.1,
  weightDecay: 0.05,
  clipNorm: 1,
  seed: 5,
  task: 'test',
};

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'pretrain-'));
}

/** A store of made-up ECGs in a few shards, and rows of it in another order than its own. */
export async function exampleStore(ecgs: number): Promise<{ store: EcgStore; rows: Int32Array; source: EcgSource }> {
  const folder = newFolder();
  await writeStore(folder, exampleDataset(ecgs + 2), { recordsPerShard: 7 });
  const store = await openStore(folder);
  const rows = Int32Array.from({ length: ecgs }, (_, i) => (ecgs - i) % ecgs);
  return { store, rows, source: storeSource(store, rows) };
}
