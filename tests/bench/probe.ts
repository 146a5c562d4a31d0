import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linearProbe } from '../../lib/evaluate/linear-probe';
import type { ProbeSet } from '../../lib/evaluate/probe-set';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import { type BenchRow, sideBySide, startPythonPeer } from './python-peer';

const COLUMNS = 256;
const FACTORS = 14; // of a trained encoder's features about as many directions carry most of the variance
const C_GRID = [1e-4, 5.6e-4, 3.2e-3, 0.018, 0.1, 0.56, 3.2, 18, 100];

/** The search for the tuned probe beside scikit-learn, at the size of PTB-XL: four tasks, nine C. */
export async function benchProbe(): Promise<BenchRow[]> {
  const sets = { train: makeSet('train', 17418), validation: makeSet('validation', 2183) };
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    for (const [name, { features, labels }] of Object.entries(sets)) {
      writeFileSync(join(folder, `${name}-features`), features.values);
      writeFileSync(join(folder, `${name}-labels`), Buffer.concat(TASKS.map((task) => labels[task])));
    }
    const peer = await startPythonPeer('probe_peer.py', folder, String(COLUMNS), C_GRID.join());
    const search = (tolerance?: number) => () => {
      linearProbe(sets, { Cs: C_GRID, tolerance });
    };
    const size = `4 tasks, 9 C, 17,418 x ${COLUMNS}`;
    const peerName = 'scikit-learn LogisticRegression, one thread';
    const rows = [
      await sideBySide(`tuned probe, ${size}`, search(), { peer, work: '1e-4', peerName, rounds: 3 }),
      await sideBySide(`tuned probe, ${size}, both to a gradient of 1e-5`, search(1e-5), {
        peer,
        work: '1e-5',
        peerName,
        rounds: 3,
      }),
    ];
    peer?.stop();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Features that mix a few factors of falling size, and labels that depend on the factors. */
function makeSet(name: string, rows: number): ProbeSet {
  const mixing = randomStream(0, 'mixing');
  const mix = Float64Array.from({ length: FACTORS * COLUMNS }, (_, i) => {
    return mixing.normal() * Math.exp(-Math.floor(i / COLUMNS) / 4);
  });
  const stream = randomStream(0, name);
  const values = new Float32Array(rows * COLUMNS);
  const labels = TASKS.map(() => new Uint8Array(rows));
  for (let row = 0; row < rows; row++) {
    const factors = Float64Array.from({ length: FACTORS }, () => stream.normal());
    for (let j = 0; j < COLUMNS; j++) {
      let value = 0.1 * stream.normal();
      for (let k = 0; k < FACTORS; k++) value += factors[k] * mix[k * COLUMNS + j];
      values[row * COLUMNS + j] = value;
    }
    labels.forEach((ofTask, t) => {
      const logit = factors[t] + 0.7 * factors[t + 6] + 0.4 * factors[0] * factors[1] - 1.2;
      ofTask[row] = Number(stream.uniform() < 1 / (1 + Math.exp(-logit)));
    });
  }
  const byTask = Object.fromEntries(TASKS.map((task, t) => [task, labels[t]])) as Record<Task, Uint8Array>;
  return { features: { values, rows, columns: COLUMNS }, labels: byTask };
}
