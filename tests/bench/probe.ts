import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupedFolds } from '../../lib/evaluate/grouped-folds';
import { linearProbe } from '../../lib/evaluate/linear-probe';
import type { ProbeSet } from '../../lib/evaluate/probe-set';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import { type BenchRow, sideBySide, startPythonPeer } from './python-peer';

const ROWS = 17418; // of PTB-XL's training folds
const PATIENTS = 15172;
const COLUMNS = 512;
const C_GRID = [1e-4, 5.6e-4, 3.2e-3, 0.018, 0.1, 0.56, 3.2, 18, 100];

/** Directions that carry most of the variance: of a trained encoder's features about as many, of independent ones none. */
const FEATURES = { encoder: 14, independent: 0 };

/**
 * The search for the tuned probe beside scikit-learn, at the size of PTB-XL: four tasks, nine C, five folds by patient;
 * and the choice of C on a validation set. Both sides compute on one thread, scale the features themselves, have the
 * same folds and stop at a gradient of 1e-4.
 */
export async function benchProbe(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const groups = Uint32Array.from({ length: ROWS }, (_, row) => Math.floor((row * PATIENTS) / ROWS));
    const rows: BenchRow[] = [];
    for (const [kind, factors] of Object.entries(FEATURES)) {
      const sets = { train: makeSet('train', ROWS, factors), validation: makeSet('validation', 2183, factors) };
      const at = join(folder, kind);
      mkdirSync(at);
      for (const [name, { features, labels }] of Object.entries(sets)) {
        writeFileSync(join(at, `${name}-features`), features.values);
        writeFileSync(join(at, `${name}-labels`), Buffer.concat(TASKS.map((task) => labels[task])));
      }
      const foldOf = new Uint8Array(ROWS);
      groupedFolds(groups, { labels: TASKS.map((task) => sets.train.labels[task]) }).forEach((heldOut, fold) => {
        for (const row of heldOut) foldOf[row] = fold;
      });
      writeFileSync(join(at, 'folds'), foldOf);
      const peer = await startPythonPeer('probe_peer.py', at, String(COLUMNS), C_GRID.join());
      const size = `4 tasks, 9 C, ${ROWS.toLocaleString('en')} x ${COLUMNS}, features ${kind === 'encoder' ? 'as of a trained encoder' : kind}`;
      const byFolds = () => {
        linearProbe(sets, { Cs: C_GRID, selection: 'grouped-folds', groups });
      };
      rows.push(
        await sideBySide(`tuned probe by 5 folds, ${size}`, byFolds, {
          peer,
          work: 'folds',
          peerName: 'scikit-learn LogisticRegressionCV, one thread',
          rounds: kind === 'encoder' ? 1 : 3, // of scikit-learn it takes two minutes
        }),
      );
      if (kind === 'encoder') {
        const onValidation = () => {
          linearProbe(sets, { Cs: C_GRID, tolerance: 1e-4 });
        };
        const peerName = 'scikit-learn LogisticRegression, one thread';
        rows.push(
          await sideBySide(`tuned probe on a validation set, ${size}`, onValidation, {
            peer,
            work: 'validation',
            peerName,
            rounds: 1,
          }),
        );
      }
      peer?.stop();
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Features that mix a few factors of falling size, or are independent; labels that depend on the first of them. */
function makeSet(name: string, rows: number, factors: number): ProbeSet {
  const mixing = randomStream(0, 'mixing');
  const mix = Float64Array.from({ length: factors * COLUMNS }, (_, i) => {
    return mixing.normal() * Math.exp(-Math.floor(i / COLUMNS) / 4);
  });
  const stream = randomStream(0, name);
  const values = new Float32Array(rows * COLUMNS);
  const labels = TASKS.map(() => new Uint8Array(rows));
  for (let row = 0; row < rows; row++) {
    const drawn = Float64Array.from({ length: factors }, () => stream.normal());
    for (let j = 0; j < COLUMNS; j++) {
      let value = (factors === 0 ? 1 : 0.1) * stream.normal();
      for (let k = 0; k < factors; k++) value += drawn[k] * mix[k * COLUMNS + j];
      values[row * COLUMNS + j] = value;
    }
    const causes = factors === 0 ? values.subarray(row * COLUMNS, row * COLUMNS + 10) : drawn;
    labels.forEach((ofTask, t) => {
      const logit = causes[t] + 0.7 * causes[t + 6] + 0.4 * causes[0] * causes[1] - 1.2;
      ofTask[row] = Number(stream.uniform() < 1 / (1 + Math.exp(-logit)));
    });
  }
  const byTask = Object.fromEntries(TASKS.map((task, t) => [task, labels[t]])) as Record<Task, Uint8Array>;
  return { features: { values, rows, columns: COLUMNS }, labels: byTask };
}
