import { rmSync } from 'node:fs';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import type { EcgSource } from '../../lib/pretrain/ecg-source';
import type { PretrainingMethod } from '../../lib/pretrain/method';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { pretrain } from '../../lib/pretrain/pretrain';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { exampleStore, newFolder } from '../pretrain/example-training';
import { type BenchRow, median } from './python-peer';

const METHODS: PretrainingMethod[] = ['generative', 'contrastive', 'hybrid'];
const ARCHITECTURE = { patchSize: 60, blockDepth: 2, embeddingSize: 512 };
const BATCH = 32;
const STEPS = 5; // of an epoch
const ROUNDS = 5;

/**
 * A step within an epoch from the store (reading, patient pairs, augmentation, masks, metrics, progress) beside the bare
 * step on one batch that stays the same; in turn, medians.
 */
export async function benchEpoch(): Promise<BenchRow[]> {
  const { backend, threads } = await useEngine();
  const { source, store } = await exampleStore(STEPS * BATCH);
  const rows: BenchRow[] = [];
  for (const method of METHODS) {
    const bare = bareSteps(method, source);
    await bare.secondsPerStep(); // warms up
    const [ours, peer]: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await epochSecondsPerStep(method, source));
      peer.push(await bare.secondsPerStep());
    }
    bare.dispose();
    const { patchSize, blockDepth, embeddingSize } = ARCHITECTURE;
    const model = `${method} ${patchSize}/${blockDepth}/${embeddingSize}, batch ${BATCH}, ${backend}, ${threads} threads`;
    rows.push({
      what: `a step of an epoch from the store, ${model}`,
      unit: 's',
      ours: median(ours),
      peer: median(peer),
      peerName: 'the bare step',
      ratio: median(peer) / median(ours),
    });
  }
  store.close();
  rmSync(store.folder, { recursive: true });
  return rows;
}

/** Trains for two epochs; the second is measured: a training is started once. */
async function epochSecondsPerStep(method: PretrainingMethod, source: EcgSource): Promise<number> {
  const folder = newFolder();
  const ends: number[] = [];
  await pretrain(source, {
    ...DEFAULT_OBJECTIVE,
    method,
    architecture: ARCHITECTURE,
    seed: 0,
    epochs: 2,
    batchSize: BATCH,
    learningRate: 1e-4,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    folder,
    task: method,
    onProgress: () => ends.push(performance.now()),
  });
  rmSync(folder, { recursive: true });
  return (ends[2 * STEPS - 1] - ends[STEPS - 1]) / STEPS / 1000;
}

function bareSteps(method: PretrainingMethod, { read, patientIds }: EcgSource) {
  const encoder = createEncoder(ARCHITECTURE, { seed: 0 });
  const objective = new Objective(method, encoder, { ...DEFAULT_OBJECTIVE, seed: 0 });
  const optimiser = new AdamW(encoder.parameters);
  const batch = Array.from({ length: BATCH }, (_, row) => row);
  const loss = objective.prepare({ ecgs: read(batch), patientIds: batch.map((row) => patientIds[row]) }, 0);
  return {
    async secondsPerStep(): Promise<number> {
      const start = performance.now();
      for (let i = 0; i < STEPS; i++) await trainingStepAsync(encoder.parameters, loss, { optimiser, rate: 1e-4 });
      return (performance.now() - start) / STEPS / 1000;
    },
    dispose() {
      optimiser.dispose();
      objective.dispose();
    },
  };
}
