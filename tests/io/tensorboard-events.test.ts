import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../lib/io/crc32c';
import { TensorBoardLog } from '../../lib/io/tensorboard-events';
import { peerPython } from '../peer-python';

const python = peerPython('tensorboard');

// What TensorBoard (2.21.0) itself makes of a folder: the file version, and step and value of every point of every curve.
const READ = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
run = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0}).Reload()
points = {tag: [[p.step, p.value] for p in run.Scalars(tag)] for tag in run.Tags()['scalars']}
print(json.dumps({'version': run.file_version, 'points': points}))
`;

function readByTensorBoard(folder: string): { version: number; points: Record<string, [number, number][]> } {
  const { stdout, stderr, status } = spawnSync(python!, ['-c', READ, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function place(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  return { folder, path: join(folder, 'events.out.tfevents.test') };
}

/** Adds steps `from` to `to`; values and times are the steps' own. */
function log(path: string, from: number, to: number): void {
  const events = new TensorBoardLog(path, from);
  for (let step = from; step < to; step++) {
    events.add({ step, wallTime: 1.7e9 + step, scalars: { loss: 1 / (step + 1), 'loss/sample': step } });
  }
  events.flush();
}

it('CRC-32C gives the values of RFC 3720, B.4', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
  expect(crc32c(new Uint8Array(32).fill(255)).toString(16)).toBe('62a8ab43');
  expect(crc32c(ascending).toString(16)).toBe('46dd794e');
});

describe('a TensorBoard log', () => {
  it('that goes on from a step is cut there, wherever it broke off', () => {
    const { path: whole } = place();
    log(whole, 0, 300);
    const bytes = readFileSync(whole).subarray(12 + 9 + 2 + 13 + 4); // without the version, which has the time of now
    for (const [from, cut] of [
      [300, 0],
      [150, 0],
      [0, 0],
      [150, 7],
      [150, 5000],
    ]) {
      const { path } = place();
      writeFileSync(path, readFileSync(whole).subarray(0, statSync(whole).size - cut));
      log(path, from, 300);
      expect(readFileSync(path).subarray(40).equals(bytes), `from ${from}, cut by ${cut}`).toBe(true);
    }
  });

  it('drops what follows a damaged record', () => {
    const { path } = place();
    log(path, 0, 10);
    const bytes = readFileSync(path);
    const { length } = bytes;
    bytes[length - 70] ^= 4;
    writeFileSync(path, bytes);
    new TensorBoardLog(path, 10);
    expect(statSync(path).size).toBeLessThan(length);
    expect(readFileSync(path).equals(bytes.subarray(0, statSync(path).size))).toBe(true);
  });

  it.skipIf(python === undefined)('is opened by TensorBoard, each step once (skipped where Python has none)', () => {
    const { folder, path } = place();
    log(path, 0, 200);
    log(path, 140, 1000);
    const { version, points } = readByTensorBoard(folder);
    expect(version).toBe(2);
    expect(Object.keys(points)).toEqual(['loss', 'loss/sample']);
    expect(points.loss).toEqual(Array.from({ length: 1000 }, (_, step) => [step, Math.fround(1 / (step + 1))]));
    expect(points['loss/sample']).toEqual(Array.from({ length: 1000 }, (_, step) => [step, step]));
  });
});
