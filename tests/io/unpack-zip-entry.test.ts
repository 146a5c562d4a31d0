import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, MissingFileError } from '../../lib/errors';
import { MachineError } from '../../lib/io/machine-error';
import { requireRoomToUnpack, unpackZipEntry } from '../../lib/io/unpack-zip-entry';
import { zipBytes } from '../write-zip';

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-unpack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archive = join(folder, 'part.zip');
const bytes = Buffer.concat([randomBytes(3_000_000), Buffer.alloc(3_000_000)]);
writeFileSync(
  archive,
  zipBytes([
    { name: 'notes.txt', bytes: Buffer.from('notes') },
    { name: 'deflated.hdf5', bytes },
    { name: 'stored.hdf5', bytes, method: 0 },
    { name: 'empty.hdf5', bytes: Buffer.alloc(0) },
    { name: 'bzip2.hdf5', bytes: Buffer.from('a'), method: 12 },
  ]),
);

describe('unpackZipEntry', () => {
  it.each(['deflated.hdf5', 'stored.hdf5'])('unpacks a file beside its archive: %s', (name) => {
    requireRoomToUnpack(archive, name);
    const path = unpackZipEntry(archive, name);
    expect(dirname(path)).toBe(folder);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    rmSync(path);
    expect(readdirSync(folder)).toEqual(['part.zip']);
  });

  it('takes away what a killed process has left, not what others use', () => {
    const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
    const left = join(folder, `.hybrid-ecg-${host}-999999999-a`);
    const used = join(folder, `.hybrid-ecg-${host}-${process.ppid}-b`);
    const foreign = join(folder, '.hybrid-ecg-00000000-999999999-c');
    for (const path of [left, used, foreign]) writeFileSync(path, 'x');
    rmSync(unpackZipEntry(archive, 'stored.hdf5'));
    expect(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort(),
    ).toEqual([foreign, used, archive].sort());
    for (const path of [used, foreign]) rmSync(path);
  });

  it.each([
    ['none.hdf5', MissingFileError, /part.zip: file: expected none.hdf5, got none/],
    ['empty.hdf5', FormatError, /part.zip\/empty.hdf5: size: expected a file that is not empty, got 0/],
    ['bzip2.hdf5', FormatError, /bzip2.hdf5: compression method: expected stored \(0\) or deflated \(8\), got 12/],
  ])('refuses %s', (name, Fault, message) => {
    expect(() => unpackZipEntry(archive, name)).toThrow(Fault);
    expect(() => unpackZipEntry(archive, name)).toThrow(message);
    expect(readdirSync(folder)).toEqual(['part.zip']);
  });

  it('takes an archive that is gone for a fault of the machine', () => {
    const gone = join(folder, 'gone.zip');
    expect(() => unpackZipEntry(gone, 'a.hdf5')).toThrow(MachineError);
    expect(() => unpackZipEntry(gone, 'a.hdf5')).toThrow(/gone.zip: zip archive: expected a file, got none/);
  });

  it('refuses an entry whose local header is that of another', () => {
    const other = join(folder, 'other.zip');
    writeFileSync(other, zipBytes([{ name: 'a.hdf5', bytes: Buffer.from('a'), localName: 'b.hdf5' }]));
    expect(() => unpackZipEntry(other, 'a.hdf5')).toThrow(FormatError);
    expect(() => unpackZipEntry(other, 'a.hdf5')).toThrow(/other.zip\/a.hdf5: local header: expected that of the dir/);
    rmSync(other);
  });

  it('finds any damaged stretch of the data', () => {
    const damaged = join(folder, 'damaged.zip');
    const whole = readFileSync(archive);
    for (const at of [200, 100_000, 2_900_000]) {
      const copy = Buffer.from(whole);
      copy[at] ^= 0x10;
      writeFileSync(damaged, copy);
      expect(() => unpackZipEntry(damaged, 'deflated.hdf5')).toThrow(FormatError);
    }
    rmSync(damaged);
    expect(readdirSync(folder)).toEqual(['part.zip']);
  });
});
