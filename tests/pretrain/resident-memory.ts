import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exampleStore, newFolder, recipe } from './example-training';

const DIST = resolve(__dirname, '../..', 'lib/dist');

/** Whether the compiled package is there: the measured process runs it. */
export const canMeasureMemory = existsSync(join(DIST, 'pretrain/batch-worker.js'));

/** A process in the middle of its training. */
export interface MemorySample {
  readonly step: number;
  /** Resident size, MB. */
  readonly residentMb: number;
  /** Tensors that TensorFlow.js holds. */
  readonly tensors: number;
}

// JavaScript's heap is collected before it is measured: what V8 has not yet swept is no growth.
const CHILD = `
const [dist, store, folder, settings, at] = process.argv.slice(1);
const { useEngine } = require(dist + '/engine/use-engine.js');
const { openStore } = require(dist + '/store/open-store.js');
const { storeSource } = require(dist + '/pretrain/ecg-source.js');
const { pretrain } = require(dist + '/pretrain/pretrain.js');
(async () => {
  const { tf } = await useEngine({ backend: 'tensorflow' });
  const opened = await openStore(store);
  const source = storeSource(opened, Int32Array.from({ length: opened.length }, (_, row) => row));
  const steps = JSON.parse(at);
  const onProgress = ({ done }) => {
    if (!steps.includes(done)) return;
    global.gc();
    const sample = { step: done, residentMb: process.memoryUsage().rss / 1e6, tensors: tf.memory().numTensors };
    process.stdout.write(JSON.stringify(sample) + '\\n');
    if (done === steps.at(-1)) process.exit(0);
  };
  const onNotice = () => {}; // of a contrastive loss that cannot fall: these ECGs differ in scale alone
  await pretrain(source, { ...JSON.parse(settings), folder, onProgress, onNotice });
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;

/**
 * Trains a small encoder (HL) on ECGs of a store in a process of its own, on TensorFlow, and measures it at some steps.
 *
 * @param at the steps, ascending; the process ends after the last
 */
export async function residentMemory(
  at: readonly number[],
  { batchSize, ...architecture }: { batchSize: number; patchSize: number; embeddingSize: number },
): Promise<MemorySample[]> {
  const ecgs = 4 * batchSize;
  const { store } = await exampleStore(ecgs - 2);
  const epochs = Math.ceil(at[at.length - 1] / 4);
  const settings = {
    ...recipe,
    method: 'hybrid',
    epochs,
    batchSize,
    architecture: { ...recipe.architecture, ...architecture },
  };
  const args = [
    '--expose-gc',
    '-e',
    CHILD,
    DIST,
    store.folder,
    newFolder(),
    JSON.stringify(settings),
    JSON.stringify(at),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((exit) => child.once('close', exit));
  if (code !== 0) throw new Error(`the measured process ended with exit code ${code}`);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
