import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipFile } from './zip-file';

const folder = mkdtempSync(join(tmpdir(), 'unzip-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Unzip = (
  path: string,
  folder: string,
  wanted: (name: string) => string | undefined,
) => Promise<{ path: string; size: number; sha256: string }[]>;
let unzip: Unzip;
beforeAll(async () => {
  ({ unzip } = await import(resolve(__dirname, '../../lib/setup/unzip.mjs')));
});

const long = Buffer.from('ECG '.repeat(500_000)); // more than one chunk of the stream
const entries = { 'a/long.txt': long, 'a/empty': Buffer.alloc(0), 'b/left.txt': Buffer.from('not wanted') };

function zipped(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('unzip', () => {
  it.each([true, false])('extracts the wanted entries and hashes them (stored: %s)', async (store) => {
    const out = join(folder, `out-${store}`);
    const path = zipped(`whole-${store}.zip`, zipFile(entries, { store }));
    const rows = await unzip(path, out, (name) => (name.startsWith('a/') ? name.slice(2) : undefined));
    expect(rows).toEqual([
      { path: 'long.txt', size: long.length, sha256: createHash('sha256').update(long).digest('hex') },
      { path: 'empty', size: 0, sha256: createHash('sha256').digest('hex') },
    ]);
    expect(readFileSync(join(out, 'long.txt')).equals(long)).toBe(true);
    expect(existsSync(join(out, 'left.txt'))).toBe(false);
  });

  it('finds a flipped byte by its CRC-32', async () => {
    const bytes = zipFile({ 'x.txt': Buffer.from('0123456789') }, { store: true });
    bytes[bytes.indexOf('5')] ^= 1;
    const path = zipped('flipped.zip', bytes);
    await expect(unzip(path, join(folder, 'flipped'), (name) => name)).rejects.toThrow(
      /x\.txt: expected 10 bytes with CRC-32/,
    );
  });

  it('says that a file is cut short', async () => {
    const path = zipped('cut.zip', zipFile(entries).subarray(0, -30));
    await expect(unzip(path, join(folder, 'cut'), (name) => name)).rejects.toThrow(/expected a zip file/);
  });

  it('writes nothing outside its folder', async () => {
    const path = zipped('out.zip', zipFile({ '../outside.txt': Buffer.from('x') }));
    await expect(unzip(path, join(folder, 'inside'), (name) => name)).rejects.toThrow(/leads out of the folder/);
    expect(existsSync(join(folder, 'outside.txt'))).toBe(false);
  });
});
