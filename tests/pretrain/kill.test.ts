import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../lib/random';
import { BACKENDS_HERE } from '../backends';
import { exampleStore, newFolder, recipe } from './example-training';

const DIST = resolve(__dirname, '../../lib/dist');
const possible = BACKENDS_HERE.includes('tensorflow') && existsSync(join(DIST, 'pretrain/batch-worker.js'));
const KILLS = 20;
const STEPS = 60;

// The child runs the compiled package, a process of its own that can be killed at any moment; it says each step's end.
const CHILD = `
const [dist, store, folder, rows, recipe] = process.argv.slice(1);
const { useEngine } = require(dist + '/engine/use-engine.js');
const { openStore } = require(dist + '/store/open-store.js');
const { storeSource } = require(dist + '/pretrain/ecg-source.js');
const { pretrain } = require(dist + '/pretrain/pretrain.js');
(async () => {
  await useEngine({ backend: 'tensorflow', threads: 1 });
  const source = storeSource(await openStore(store), Int32Array.from(JSON.parse(rows)));
  const onProgress = ({ done }) => process.stdout.write(done + '\\n');
  const onNotice = () => {}; // of a contrastive loss that cannot fall: these ECGs differ in scale alone
  await pretrain(source, { ...JSON.parse(recipe), folder, onProgress, onNotice, checkpointEveryS: 0 });
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.skipIf(!possible)('a pretraining that is killed (skipped without TensorFlow or the build)', () => {
  it(`with kill -9 at ${KILLS} random moments of ${STEPS} steps, each time resumed, ends with the same bytes`, {
    timeout: 240_000,
  }, async () => {
    const { store, rows } = await exampleStore(16);
    const settings = JSON.stringify({ ...recipe, method: 'hybrid', epochs: STEPS / 2 });
    const start = (folder: string) => {
      const args = ['-e', CHILD, DIST, store.folder, folder, JSON.stringify(Array.from(rows)), settings];
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    };
    const whole = newFolder();
    expect(await ended(start(whole))).toBe(0);

    const killed = newFolder();
    const { uniform } = randomStream(20, 'kill');
    // Three in four after so many steps of all processes together and up to 30 ms, about a step; the others while a
    // process starts.
    const moments = Array.from({ length: KILLS }, (_, kill) =>
      kill % 4 === 0
        ? { steps: 0, ms: 400 * uniform() }
        : { steps: 1 + Math.floor(uniform() * (STEPS - 5)), ms: 30 * uniform() },
    );
    const bySteps = moments.filter(({ steps }) => steps > 0).sort((a, b) => a.steps - b.steps);
    for (const { steps, ms } of moments.map((moment) => (moment.steps === 0 ? moment : bySteps.shift()!))) {
      const child = start(killed);
      if (steps > 0) await stepsDone(child, steps);
      await new Promise((later) => setTimeout(later, ms));
      child.kill('SIGKILL');
      expect(await ended(child)).toBe('SIGKILL');
    }
    const last = start(killed);
    const first = await stepsDone(last, 0);
    expect(await ended(last)).toBe(0);

    expect(first).toBeGreaterThan(Math.max(...moments.map(({ steps }) => steps)) - 2); // it went on, it did not begin again
    expect(sha256(join(killed, 'weights.safetensors'))).toBe(sha256(join(whole, 'weights.safetensors')));
    expect(readFileSync(join(killed, 'metrics.jsonl'), 'utf8')).toBe(
      readFileSync(join(whole, 'metrics.jsonl'), 'utf8'),
    );
    expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
  });
});

/** Waits until a child has done so many steps, counted from the training's first, or has ended; gives the last done. */
function stepsDone(child: ChildProcess, steps: number): Promise<number> {
  return new Promise((reached) => {
    child.stdout!.on('data', (text) => {
      const done = Number(String(text).trim().split('\n').at(-1));
      if (done >= steps) reached(done);
    });
    child.once('exit', () => reached(0));
  });
}

async function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((exit) => child.once('exit', exit));
  return child.exitCode ?? child.signalCode;
}
