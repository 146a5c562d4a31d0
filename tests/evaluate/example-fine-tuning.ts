import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelledEcgs } from '../../lib/evaluate/labelled-ecgs';
import { vitClassifier } from '../../lib/evaluate/vit-classifier';
import type { Task } from '../../lib/metrics/tasks';
import { createEncoder } from '../../lib/model/encoder';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';

const SIZE = LEADS.length * SAMPLES;

/** Sines with noise; MI raises the frequency, HYP the amplitude, STTC shifts the baseline, CD turns lead I over. */
export function exampleEcgs(count: number, { seed = 0 }: { seed?: number } = {}): LabelledEcgs {
  const draw = randomStream(seed, 'labels');
  const drawn = (): Uint8Array => {
    const labels = Uint8Array.from({ length: count }, () => Number(draw.uniform() < 0.4));
    [labels[0], labels[1]] = [1, 0];
    return labels;
  };
  const labels: Record<Task, Uint8Array> = { MI: drawn(), STTC: drawn(), CD: drawn(), HYP: drawn() };
  const ecgs = new Float32Array(count * SIZE);
  for (let row = 0; row < count; row++) {
    const noise = randomStream(seed, 'noise', row);
    const phase = 6 * noise.uniform();
    const [mi, sttc, cd, hyp] = [labels.MI[row], labels.STTC[row], labels.CD[row], labels.HYP[row]];
    for (let k = 0; k < SIZE; k++) {
      const wave = Math.sin(phase + ((k % SAMPLES) * (mi ? 3 : 1)) / 40) * (hyp ? 1 : 0.5);
      ecgs[row * SIZE + k] = wave * (cd && k < SAMPLES ? -1 : 1) + (sttc ? 0.3 : 0) + 0.05 * (noise.uniform() - 0.5);
    }
  }
  const read = (rows: ArrayLike<number>, out = new Float32Array(rows.length * SIZE)): Float32Array => {
    for (let i = 0; i < rows.length; i++) out.set(ecgs.subarray(rows[i] * SIZE, (rows[i] + 1) * SIZE), i * SIZE);
    return out;
  };
  const recordIds = Array.from({ length: count }, (_, row) => `record ${seed}-${row}`);
  return { source: { recordIds, patientIds: recordIds, read }, labels };
}

export const JOINT: readonly Task[] = ['MI', 'STTC', 'CD', 'HYP'];

/** A transformer of a few thousand weights, at its random start. */
export function exampleClassifier({ seed = 0, tasks = JOINT }: { seed?: number; tasks?: readonly Task[] } = {}) {
  const encoder = createEncoder({ patchSize: 250, blockDepth: 1, embeddingSize: 32, headDim: 16 }, { seed });
  const classifier = vitClassifier(encoder, { tasks, seed });
  encoder.dispose();
  return classifier;
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'fine-tune-'));
}
