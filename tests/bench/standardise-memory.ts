import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchRow } from './python-peer';

const EVERY = 10_000;
const dist = resolve(__dirname, '../..', 'lib/dist');

// A process of its own, so that nothing but the library counts. Shards are removed behind it, for 200,000 records take 24 GB.
const CHILD = `
const { rmSync } = require('node:fs');
const { LEADS } = require(process.argv[1] + '/signal/leads.js');
const { writeStore } = require(process.argv[1] + '/store/write-store.js');
const [folder, records, every] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const samples = 5000;
const beat = Float32Array.from({ length: 12 * samples }, (_, i) => Math.exp(-(((i % 400) - 200) ** 2) / 200) + Math.sin(i / 900) / 9);
const rows = Array.from({ length: records }, (_, i) => ({
  recordId: String(i), patientId: String(i >> 1), stratFold: 1 + (i % 10), file: 'made/' + i, superclasses: [],
}));
const read = (row) => {
  const { recordId, patientId, file } = row;
  const i = Number(recordId);
  const signal = new Float32Array(12 * samples); // as a reader makes one for each
  const scale = 0.5 + (i % 9973) / 9973;
  for (let k = 0; k < signal.length; k++) signal[k] = scale * beat[k] + (k % 512 === i >> 9 ? (i & 511) / 4096 : 0);
  return { dataset: 'made-up', recordId, patientId, fsHz: 500, leads: LEADS, signal, samples, file };
};
const onProgress = ({ done }) => {
  if (done % every === 0) console.log(JSON.stringify({ done, rss: process.memoryUsage().rss }));
  if (done % 500 === 1 && done > 1) rmSync(folder + '/shard-' + String((done - 1) / 500 - 1).padStart(5, '0') + '.npy', { force: true });
};
writeStore(folder, { name: 'made-up', folder: '/made-up', choices: {}, rows, read }, { onProgress }).then(({ manifest }) => {
  console.log(JSON.stringify({ done: manifest.records, rss: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 }));
});
`;

/** Resident size of a process that standardises so many made-up 500 Hz records, at its end beside at the 10,000th. */
export async function memoryWhileStandardising(records: number): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const child = spawn(process.execPath, ['-e', CHILD, dist, folder, String(records), String(EVERY)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((done) => child.on('exit', done));
    const points: { done: number; rss: number; peak?: number }[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      points.push(JSON.parse(line));
      const { done, rss } = points[points.length - 1];
      process.stderr.write(`${done} records: ${(rss / 1e6).toFixed(0)} MB\n`);
    }
    const last = points.at(-1);
    if ((await ended) !== 0 || last?.peak === undefined) throw new Error('the process that standardises failed');
    const first = points[0].rss / 1e6;
    const row = (what: string, bytes: number) => {
      const ours = bytes / 1e6;
      return { what, unit: 'MB', ours, peer: first, peerName: `at record ${EVERY}`, ratio: first / ours };
    };
    const highest = Math.max(...points.slice(0, -1).map(({ rss }) => rss));
    return [
      row(`largest resident size while ${records} records are standardised`, highest),
      row(`largest resident size of all, with the index of ${records} records`, last.peak),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
