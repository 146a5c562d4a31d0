import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import type { Progress } from '../../lib/progress';
import { openStore } from '../../lib/store/open-store';
import { verifyShards } from '../../lib/store/verify-shards';
import { writeStore } from '../../lib/store/write-store';
import { exampleDataset } from './example-dataset';

let whole: string;
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'hybrid-ecg-whole-'));
  await writeStore(whole, exampleDataset(9), { recordsPerShard: 3 });
});

/** A copy of a store of three shards, and verifying it as a process would that has not seen it: what it tells. */
function copy() {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-verify-'));
  cpSync(whole, folder, { recursive: true });
  const verify = async (options = {}) => {
    const told: Progress[] = [];
    const store = await openStore(folder);
    store.close();
    await verifyShards(store, { ...options, onProgress: (progress) => told.push(progress) });
    return told.map(({ done, total, unit, detail }) => [`${done} of ${total} ${unit}`, detail]);
  };
  return { folder, verify, shard: join(folder, 'shard-00001.npy') };
}

function flip(path: string, at = 5000): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
}

const ALL = [
  ['1 of 3 shards', undefined],
  ['2 of 3 shards', undefined],
  ['3 of 3 shards', 'as its manifest says'],
];

describe('the shards of a store', () => {
  it('are verified once, and then only again when a file is another', async () => {
    const { folder, verify, shard } = copy();
    expect(await verify()).toEqual(ALL);
    expect(await verify()).toEqual([]);
    expect(await verify({ again: true })).toEqual(ALL);
    writeFileSync(shard, readFileSync(shard)); // the same bytes, written again
    expect(await verify()).toEqual(ALL);
    writeFileSync(join(folder, 'verified.json'), '{"files": 3');
    expect(await verify()).toEqual(ALL);
    rmSync(join(folder, 'verified.json'));
    expect(await verify()).toEqual(ALL);
  });

  it('are refused with one bit flipped, also when the file got its time back', async () => {
    const { verify, shard } = copy();
    await verify();
    const { atime, mtime } = statSync(shard);
    flip(shard);
    utimesSync(shard, atime, mtime);
    const refused = verify();
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(/shard-00001\.npy: SHA-256: expected [0-9a-f]{64}, got .*--anew/);
    flip(shard);
    expect(await verify()).toEqual(ALL);
  });

  it('are verified again in a copy, whose note came along', async () => {
    const { folder, verify } = copy();
    await verify();
    const second = mkdtempSync(join(tmpdir(), 'hybrid-ecg-verify-'));
    cpSync(folder, second, { recursive: true, preserveTimestamps: true });
    flip(join(second, 'shard-00002.npy'));
    await expect(verifyShards(await openStore(second))).rejects.toThrow(/shard-00002\.npy: SHA-256/);
  });

  it('on a disk that cannot be written are verified once a process, which is said', async () => {
    const { folder, verify } = copy();
    mkdirSync(join(folder, 'verified.json')); // nothing can be written under this name
    const told = [...ALL.slice(0, 2), ['3 of 3 shards', 'not noted, as its disk cannot be written']];
    expect(await verify()).toEqual(told);
    expect(await verify()).toEqual(told); // as another process does, which has opened it itself
    const store = await openStore(folder);
    let times = 0;
    for (let i = 0; i < 3; i++) await verifyShards(store, { onProgress: () => times++ });
    expect(times).toBe(3);
    flip(join(folder, 'shard-00000.npy'));
    await expect(verifyShards(store)).rejects.toThrow(/shard-00000\.npy/); // it has changed since
    store.close();
  });

  it('that are missing are named; a signal stops', async () => {
    const { folder, verify, shard } = copy();
    await expect(verify({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(/abort|enough/i);
    const store = await openStore(folder);
    rmSync(shard);
    await expect(verifyShards(store)).rejects.toThrow(MissingFileError);
    expect(existsSync(join(folder, 'verified.json'))).toBe(false);
  });

  it('are written without an old note', async () => {
    const { folder, verify } = copy();
    await verify();
    await writeStore(folder, exampleDataset(4), { recordsPerShard: 3 });
    expect(existsSync(join(folder, 'verified.json'))).toBe(false);
    expect(await verify()).toHaveLength(2);
  });
});
