import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { writeSyntheticCohort } from '../../lib/datasets/synthetic/synthetic-cohort';
import { randomStream } from '../../lib/random';
import { openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { exampleDataset } from './example-dataset';

const dist = resolve(__dirname, '../../lib/dist');
const built = existsSync(join(dist, 'store/write-store.js'));

// The child runs the compiled package: a process of its own that can be killed at any moment.
const CHILD = `
const { writeStore } = require(process.argv[1] + '/store/write-store.js');
const { rows, choices, name, folder } = JSON.parse(process.argv[3]);
const samples = 1000;
const read = (row) => {
  const i = Number(row.file.slice(8));
  const scale = 1 + i / 100;
  const leads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
  const signal = new Float32Array(12 * samples);
  for (let l = 0; l < 12; l++) for (let s = 0; s < samples; s++) {
    signal[l * samples + s] = scale * Math.fround(0.5 * Math.sin((2 * Math.PI * (l + 1) * s) / 1000));
  }
  return { dataset: name, recordId: row.recordId, patientId: row.patientId, fsHz: 100, leads, signal, samples, file: row.file };
};
writeStore(process.argv[2], { name, folder, choices, rows, read }, { recordsPerShard: 20 }).then(
  () => process.exit(0),
  (error) => { console.error(error); process.exit(1); },
);
`;

/** SHA-256 of every file of a store, by name. */
function hashes(folder: string): Record<string, string> {
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, hash(name)]),
  );
}

describe.skipIf(!built)('a store whose writer is killed (skipped when lib/dist is not built)', () => {
  it('and whose worker processes lose their parent, goes on from what they have finished', async () => {
    const cohort = mkdtempSync(join(tmpdir(), 'hybrid-ecg-cohort-'));
    await writeSyntheticCohort(cohort, { ecgs: 60 });
    const whole = mkdtempSync(join(tmpdir(), 'hybrid-ecg-whole-'));
    await writeStore(whole, openPtbXl(cohort), { recordsPerShard: 4 });
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-killed-'));
    const program = `
const { writeStore } = require(process.argv[1] + '/store/write-store.js');
const { openPtbXl } = require(process.argv[1] + '/datasets/ptb-xl.js');
const options = { recordsPerShard: 4, workers: 2, onProgress: ({ done }) => console.log(done) };
writeStore(process.argv[2], openPtbXl(process.argv[3]), options).catch((error) => { console.error(error); process.exit(1); });
`;
    const resumed: number[] = [];
    for (const killAt of [12, 30, 1000]) {
      const child = spawn(process.execPath, ['-e', program, dist, folder, cohort], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const done: number[] = [];
      child.stdout.on('data', (lines) => {
        done.push(...String(lines).trim().split('\n').map(Number));
        if (done.at(-1)! >= killAt) child.kill('SIGKILL');
      });
      const code = await new Promise((ended) => child.on('exit', ended));
      expect(code).toBe(killAt === 1000 ? 0 : null);
      resumed.push(done[0]);
    }
    expect(resumed[1]).toBeGreaterThanOrEqual(8); // 12 were done, the last of them perhaps without their shard
    expect(resumed[2]).toBeGreaterThan(resumed[1]);
    expect(hashes(folder)).toEqual(hashes(whole));
  });

  it('is never taken for whole before its end, and ends with the same bytes', async () => {
    const dataset = exampleDataset(400);
    const whole = mkdtempSync(join(tmpdir(), 'hybrid-ecg-whole-'));
    await writeStore(whole, dataset, { recordsPerShard: 20 });
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-killed-'));
    const described = JSON.stringify({ ...dataset, read: undefined });
    const { uniform } = randomStream(5, 'kill');
    let killed = 0;
    for (;;) {
      const child = spawn(process.execPath, ['-e', CHILD, dist, folder, described], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      // later and later, so that the store gets finished on the slowest machine too
      const timer = setTimeout(() => child.kill('SIGKILL'), 100 + 250 * uniform() + 80 * killed);
      const code = await new Promise((done) => child.on('exit', done));
      clearTimeout(timer);
      if (code === 0) break;
      expect(code).toBeNull(); // killed, not failed
      killed++;
      if (existsSync(join(folder, 'manifest.json'))) (await openStore(folder, { verifyShards: true })).close();
      else await expect(openStore(folder)).rejects.toThrow(/not to the end/);
    }
    expect(killed).toBeGreaterThan(0);
    expect(hashes(folder)).toEqual(hashes(whole));
  });
});
