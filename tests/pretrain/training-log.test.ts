import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MetricsRow, readMetrics, TrainingLog } from '../../lib/pretrain/training-log';
import { peerPython } from '../peer-python';
import { newFolder } from './example-training';

const rowOf = (step: number): MetricsRow => ({
  step,
  epoch: Math.floor(step / 4),
  rate: 1e-3 / (step + 1),
  loss: 3 / (step + 1),
  sample: 2 / (step + 1),
  patient: 1 / (step + 1),
  gradientNorm: 0.5,
});

/** Logs steps `from` to `to` and flushes in between, as checkpoints do. */
function log(folder: string, from: number, to: number): TrainingLog {
  const log = new TrainingLog(folder, from);
  for (let step = from; step < to; step++) {
    log.add(rowOf(step));
    if (step % 3 === 0) log.flush();
  }
  log.flush();
  return log;
}

const rows = (to: number) => Array.from({ length: to }, (_, step) => rowOf(step));

describe('the log of a training', () => {
  it('keeps a row a step, each once, whatever a run that goes on finds', () => {
    const folder = newFolder();
    expect(log(folder, 0, 10).earlier).toEqual([]);
    appendFileSync(join(folder, 'metrics.jsonl'), '{"step":10,"epo'); // a kill in the middle of a line
    expect(readMetrics(folder)).toEqual(rows(10));
    expect(log(folder, 7, 12).earlier).toEqual(rows(7));
    expect(readMetrics(folder)).toEqual(rows(12));
    expect(readFileSync(join(folder, 'metrics.jsonl'), 'utf8').split('\n')).toHaveLength(13);
  });

  const python = peerPython('tensorboard');

  it.skipIf(python === undefined)('shows the same in TensorBoard (skipped where Python has none)', () => {
    const folder = newFolder();
    log(folder, 0, 50);
    log(folder, 30, 80);
    const code = [
      'import json, sys',
      'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator',
      'run = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()',
      'print(json.dumps({tag: [[p.step, p.value] for p in run.Scalars(tag)] for tag in run.Tags()["scalars"]}))',
    ].join('\n');
    const { stdout, stderr } = spawnSync(python!, ['-c', code, folder], { encoding: 'utf8' });
    const curves = JSON.parse(stdout || `"${stderr}"`);
    const tags = ['rate', 'loss', 'sample', 'patient', 'gradientNorm'] as const;
    expect(Object.keys(curves).sort()).toEqual([...tags].sort());
    for (const tag of tags) expect(curves[tag]).toEqual(rows(80).map((row) => [row.step, Math.fround(row[tag]!)]));
  });
});
