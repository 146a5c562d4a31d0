import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../lib/datasets/dataset';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { writeSyntheticCohort } from '../../lib/datasets/synthetic/synthetic-cohort';
import { ArgumentError, StorageError } from '../../lib/errors';
import { openStore } from '../../lib/store/open-store';
import type { DatasetOpener } from '../../lib/store/worker-messages';
import { writeStore } from '../../lib/store/write-store';
import { WorkerError } from '../../lib/worker-error';

const dist = resolve(__dirname, '../../lib/dist');
const built = existsSync(join(dist, 'store/shard-worker.js'));

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'hybrid-ecg-workers-'));
}

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

// Worker processes run the compiled package, as users do.
describe.skipIf(!built)('a store made by worker processes (skipped when lib/dist is not built)', () => {
  const cohort = temporary();
  const alone = temporary();
  const recordsPerShard = 7;
  let dataset: Dataset;
  beforeAll(async () => {
    await writeSyntheticCohort(cohort, { ecgs: 40 });
    dataset = openPtbXl(cohort);
    const { manifest } = await writeStore(alone, dataset, { recordsPerShard });
    expect(manifest.records).toBeGreaterThan(35);
    expect(Object.keys(manifest.rejected).length).toBeGreaterThan(3);
  });

  it.each([2, 3])('has the same bytes in every file with %i', async (workers) => {
    const folder = temporary();
    const seen: { done: number; total: number; rejected: number }[] = [];
    const { manifest } = await writeStore(folder, dataset, {
      recordsPerShard,
      workers,
      onProgress: (progress) => seen.push(progress),
    });
    expect(hashes(folder)).toEqual(hashes(alone));
    const lost = Object.values(manifest.rejected).reduce((sum, n) => sum + n, 0);
    expect(seen.at(-1)).toMatchObject({ done: dataset.rows.length, total: dataset.rows.length, rejected: lost });
    expect(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done)).toBe(true);
    expect((await writeStore(folder, dataset, { recordsPerShard, workers })).existed).toBe(true);
  });

  it('has the same bytes in int16 with a band-pass', async () => {
    const options = { recordsPerShard, type: 'int16', bandPass: { lowHz: 0.5, highHz: 40 } } as const;
    const [one, two] = [temporary(), temporary()];
    await writeStore(one, dataset, options);
    await writeStore(two, dataset, { ...options, workers: 2 });
    expect(hashes(two)).toEqual(hashes(one));
  });

  /** Opens the cohort in a worker; `fault` is put into its reading of the record with that id. */
  function opener(id: string, fault: string): DatasetOpener {
    const module = join(temporary(), 'opener.js');
    writeFileSync(
      module,
      `
const { openPtbXl } = require(${JSON.stringify(join(dist, 'datasets/ptb-xl.js'))});
const { existsSync, writeFileSync } = require('node:fs');
exports.open = (folder, mark) => {
  const dataset = openPtbXl(folder);
  return { ...dataset, read(row) { if (row.recordId === '${id}') { ${fault} } return dataset.read(row); } };
};
`,
    );
    return { module, name: 'open', arguments: [cohort, join(temporary(), 'mark')] };
  }

  it('names a process that dies, makes its shard again, and ends with the same bytes', async () => {
    const folder = temporary();
    const deaths: WorkerError[] = [];
    const once = "if (!existsSync(mark)) { writeFileSync(mark, ''); process.kill(process.pid, 'SIGKILL'); }";
    await writeStore(folder, dataset, {
      recordsPerShard,
      workers: 2,
      opener: opener('17', once),
      onWorkerDeath: (fault) => deaths.push(fault),
    });
    expect(hashes(folder)).toEqual(hashes(alone));
    expect(deaths).toHaveLength(1);
    expect(deaths[0].message).toMatch(
      /worker: expected shard 2 of the rows 15 to 21, got process \d+ was killed by SIGKILL$/,
    );
  });

  it('ends when a shard kills two processes, keeps the others, and goes on with them', async () => {
    const folder = temporary();
    const options = { recordsPerShard, workers: 2, opener: opener('17', 'process.exit(3);') };
    const failed = writeStore(folder, dataset, options);
    await expect(failed).rejects.toThrow(WorkerError);
    await expect(failed).rejects.toThrow(/shard 2 of the rows 15 to 21, got process \d+ ended with exit code 3/);
    expect(readdirSync(folder).some((name) => /^shard-\d+\.npy$/.test(name))).toBe(true);
    expect(readdirSync(folder).some((name) => name.endsWith('.lock'))).toBe(false);
    let resumed = 0;
    await writeStore(folder, dataset, {
      recordsPerShard,
      onProgress: (progress) => {
        resumed = progress.resumed;
      },
    });
    expect(resumed).toBeGreaterThan(0);
    expect(hashes(folder)).toEqual(hashes(alone));
  });

  it('tells a fault of the program, a missing dataset, and another one, in a worker', async () => {
    const failing = opener('9', "throw new TypeError('a fault of the program');");
    await expect(writeStore(temporary(), dataset, { workers: 2, opener: failing })).rejects.toThrow(
      'TypeError: a fault of the program',
    );
    const dies = { ...failing, name: 'nothing' };
    await expect(writeStore(temporary(), dataset, { workers: 2, opener: dies })).rejects.toThrow(/is not a function/);
    const elsewhere = { ...dataset, folder: join(cohort, 'nowhere') };
    await expect(writeStore(temporary(), elsewhere, { workers: 2 })).rejects.toThrow(/nowhere/);
    const fewer = { ...dataset, rows: dataset.rows.slice(1) };
    await expect(writeStore(temporary(), fewer, { workers: 2 })).rejects.toThrow(
      /dataset in the worker process: expected the same as in its parent/,
    );
  });

  it('stops when it is told to, and goes on with another number of workers', async () => {
    const folder = temporary();
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done >= 14 && stop.abort();
    const stopped = writeStore(folder, dataset, { recordsPerShard, workers: 2, onProgress, signal: stop.signal });
    await expect(stopped).rejects.toThrow(/abort/i);
    await expect(openStore(folder)).rejects.toThrow(/not to the end/);
    expect(readdirSync(folder).some((name) => name.endsWith('.lock'))).toBe(false);
    let resumed = 0;
    await writeStore(folder, dataset, {
      recordsPerShard,
      workers: 3,
      onProgress: (progress) => {
        resumed = progress.resumed;
      },
    });
    expect(resumed).toBeGreaterThanOrEqual(14);
    expect(hashes(folder)).toEqual(hashes(alone));
  });

  it('does not let a second call into the folder', async () => {
    const folder = temporary();
    const first = writeStore(folder, dataset, { recordsPerShard, workers: 2 });
    await expect(writeStore(folder, dataset, { recordsPerShard, workers: 2 })).rejects.toThrow(StorageError);
    await first;
    expect(hashes(folder)).toEqual(hashes(alone));
  });

  it.each([0, 1.5, Number.NaN])('refuses %s workers', async (workers) => {
    await expect(writeStore(temporary(), dataset, { workers })).rejects.toThrow(ArgumentError);
  });
});
