import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openCode15 } from '../../lib/datasets/code-15';
import { StorageError } from '../../lib/errors';
import { writeHdf5 } from '../../lib/io/write-hdf5';
import { writeStore } from '../../lib/store/write-store';
import { zipBytes } from '../write-zip';

const machine = vi.hoisted(() => ({
  /** Bytes that a disk says are free; undefined for what it truly has. */
  free: undefined as number | undefined,
  /** What becomes of the process that unpacks. */
  unpacker: 'works' as 'works' | 'is killed' | 'finds the disk full' | 'does not start',
}));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const statfsSync = (path: string) =>
    machine.free === undefined ? fs.statfsSync(path) : { bavail: machine.free, bsize: 1 };
  return { ...fs, statfsSync };
});
vi.mock('node:child_process', async (original) => {
  const processes = await original<typeof import('node:child_process')>();
  const spawnSync = (program: string, given: string[], options: object) => {
    const full = 'process.stdout.write(JSON.stringify({ fault: "full", code: "ENOSPC", call: "write" }))';
    const { unpacker } = machine;
    if (unpacker === 'is killed')
      return processes.spawnSync(program, ['-e', 'process.kill(process.pid, "SIGKILL")'], options);
    if (unpacker === 'finds the disk full') return processes.spawnSync(program, ['-e', full], options);
    if (unpacker === 'does not start') return processes.spawnSync('/nowhere/node', given, options);
    return processes.spawnSync(program, given, options);
  };
  return { ...processes, spawnSync };
});

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => Object.assign(machine, { free: undefined, unpacker: 'works' }));

/** Two zipped parts of CODE-15 with two exams each. */
async function zippedParts(): Promise<string> {
  const data = mkdtempSync(join(folder, 'data-'));
  const lines = ['exam_id,patient_id,trace_file'];
  for (const part of [0, 1]) {
    const file = `exams_part${part}.hdf5`;
    const exams = [1, 2].map((exam) => 10 * part + exam);
    for (const exam of exams) lines.push(`${exam},${exam},${file}`);
    await writeHdf5(join(data, file), {
      exam_id: { values: BigInt64Array.from(exams, BigInt) },
      tracings: {
        values: exams.map((exam) => Float32Array.from({ length: 4096 * 12 }, (_, i) => Math.sin((i + 1) * exam))),
        shape: [2, 4096, 12],
      },
    });
    const zip = zipBytes([{ name: file, bytes: readFileSync(join(data, file)) }]);
    writeFileSync(join(data, `exams_part${part}.zip`), zip);
    rmSync(join(data, file));
  }
  writeFileSync(join(data, 'exams.csv'), `${lines.join('\n')}\n`);
  return data;
}

describe('a zipped part that the machine fails to unpack', () => {
  it.each([
    [
      'there is no room',
      () => {
        machine.free = 1e6;
      },
      /free space: expected \d+ MB to unpack to, got 1 MB in /,
    ],
    [
      'the unpacker is killed',
      () => {
        machine.unpacker = 'is killed';
      },
      /a process that unpacks, got SIGKILL/,
    ],
    [
      'the disk fills',
      () => {
        machine.unpacker = 'finds the disk full';
      },
      /has room for the file unpacked, got ENOSPC/,
    ],
    [
      'no process starts',
      () => {
        machine.unpacker = 'does not start';
      },
      /a process that unpacks, got .*ENOENT/,
    ],
  ])('ends the store when %s, and is tried again by the next call', async (_, fail, message) => {
    const dataset = await openCode15(await zippedParts());
    const store = join(dataset.folder, 'store');
    fail();
    const failed = writeStore(store, dataset, { recordsPerShard: 2 });
    await expect(failed).rejects.toThrow(StorageError);
    await expect(failed).rejects.toThrow(message);
    expect(readdirSync(store)).toEqual([]);
    Object.assign(machine, { free: undefined, unpacker: 'works' });
    expect((await writeStore(store, dataset, { recordsPerShard: 2 })).manifest).toMatchObject({
      records: 4,
      rejected: {},
    });
    dataset.close?.();
  });

  it('is said at once when there is no room on opening, or for as many processes as unpack', async () => {
    const data = await zippedParts();
    machine.free = 200e6;
    await expect(openCode15(data)).rejects.toThrow(/free space: expected 201 MB to unpack to, got 200 MB in /);
    machine.free = 201e6;
    const dataset = await openCode15(data);
    const store = join(data, 'store');
    const failed = writeStore(store, dataset, { recordsPerShard: 1, workers: 3 });
    await expect(failed).rejects.toThrow(/expected 202 MB to unpack to, by 3 processes at once, got 201 MB/);
    expect(readdirSync(store)).toEqual([]);
    dataset.close?.();
  });
});
