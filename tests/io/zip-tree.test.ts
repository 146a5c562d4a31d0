import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, KitError, MissingFileError, StorageError } from '../../lib/errors';
import { bufferSource } from '../../lib/io/byte-source';
import { folderTree } from '../../lib/io/file-tree';
import { openFileTree } from '../../lib/io/open-file-tree';
import { zipTree } from '../../lib/io/zip-tree';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';
import { type ZipSource, zipBytes } from '../write-zip';

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-zip-'));
const treeOf = (bytes: Buffer) => zipTree(bufferSource(bytes, '/data/a.zip'));
const text = (words: string) => Buffer.from(words);
const HELLO = text('hello '.repeat(200));
const FILES: ZipSource[] = [
  { name: 'set-1.0/', bytes: text(''), method: 0 },
  { name: 'set-1.0/table.csv', bytes: text('a,b\n1,2\n'), method: 0 },
  { name: 'set-1.0/records/00/1.dat', bytes: HELLO },
  { name: 'set-1.0/records/00/empty.dat', bytes: text('') },
  { name: 'set-1.0/records/01/2.dat', bytes: HELLO, zip64: true },
];

describe('zipTree', () => {
  it('reads stored and deflated files, the shared folder taken off their names', () => {
    const tree = treeOf(zipBytes(FILES));
    expect(tree.path).toBe('/data/a.zip');
    expect(tree.list()).toEqual(['records/00/1.dat', 'records/00/empty.dat', 'records/01/2.dat', 'table.csv']);
    expect(tree.read('table.csv').toString()).toBe('a,b\n1,2\n');
    expect(tree.read('records/00/1.dat')).toEqual(HELLO);
    expect(tree.read('records/01/2.dat')).toEqual(HELLO);
    expect(tree.read('records/00/empty.dat')).toHaveLength(0);
    expect(tree.size('records/00/1.dat')).toBe(1200);
    expect(tree.show('table.csv')).toBe('/data/a.zip/table.csv');
  });

  it('keeps a top folder that not all entries share, and passes over what macOS adds', () => {
    const other = { name: 'README', bytes: text('x') };
    expect(treeOf(zipBytes([...FILES, other])).list()).toContain('set-1.0/table.csv');
    const added = { name: '__MACOSX/set-1.0/._table.csv', bytes: text('x') };
    expect(treeOf(zipBytes([...FILES, added])).list()).toEqual(treeOf(zipBytes(FILES)).list());
  });

  it('finds a name with and without the folder at the top, below more than one, and beside files there', () => {
    const nested = FILES.map((file) => ({ ...file, name: `outer/${file.name}` }));
    const beside = [{ name: 'README.txt', bytes: text('x') }, ...FILES];
    const hidden = [{ name: '.DS_Store', bytes: text('x') }, ...FILES];
    for (const files of [FILES, nested, beside, hidden]) {
      const tree = treeOf(zipBytes(files));
      for (const name of ['table.csv', 'records/00/1.dat', 'set-1.0/table.csv', 'set-1.0/records/00/1.dat']) {
        expect(tree.has(name), name).toBe(true);
        expect(tree.read(name), name).toEqual(files.find((file) => `${file.name}`.endsWith(name))!.bytes);
      }
      expect(tree.has('records')).toBe(true);
      for (const name of tree.list()) expect(tree.read(name)).toBeDefined();
    }
    expect(treeOf(zipBytes(hidden)).list()).toContain('table.csv');
    const two = treeOf(zipBytes([...FILES, { name: 'other/table.csv', bytes: text('x') }]));
    expect(() => two.read('table.csv')).toThrow(MissingFileError);
  });

  it('finds a name in any case, where only one is alike', () => {
    const tree = treeOf(zipBytes([...FILES, { name: 'set-1.0/records/00/A.DAT', bytes: text('A') }]));
    expect(tree.read('Records/00/a.dat').toString()).toBe('A');
    expect(tree.size('TABLE.CSV')).toBe(8);
    expect(tree.has('RECORDS')).toBe(true);
    expect(tree.has('record')).toBe(false);
    const doubt = [...FILES, { name: 'set-1.0/A', bytes: text('1') }, { name: 'set-1.0/a', bytes: text('2') }];
    expect(treeOf(zipBytes(doubt)).read('a').toString()).toBe('2');
    const both = [...FILES, { name: 'set-1.0/Ab', bytes: text('1') }, { name: 'set-1.0/aB', bytes: text('2') }];
    expect(() => treeOf(zipBytes(both)).read('AB')).toThrow(MissingFileError);
  });

  it('knows its files and folders, also those without an entry of their own', () => {
    const tree = treeOf(zipBytes(FILES));
    const names = ['table.csv', 'records', 'records/', 'records/00', './records/../table.csv', '.'];
    for (const name of names) expect(tree.has(name), name).toBe(true);
    for (const name of ['table', 'record', 'records/0', 'records/02', 'set-1.0']) {
      expect(tree.has(name), name).toBe(false);
    }
    expect(() => tree.read('records')).toThrow(MissingFileError);
    expect(() => tree.size('none.csv')).toThrow('/data/a.zip/none.csv: file: expected none.csv, got none');
    for (const name of ['../x', '/etc/passwd', 'records/../../x']) expect(() => tree.has(name)).toThrow(FormatError);
  });

  it('reads stretches as a folder does, for typed arrays to lie over', () => {
    const bytes = Buffer.from(Int16Array.from({ length: 500 }, (_, i) => i).buffer);
    writeFileSync(join(folder, 'x.dat'), bytes);
    const onDisk = folderTree(folder);
    for (const method of [0, 8]) {
      const tree = treeOf(zipBytes([{ name: 'x.dat', bytes, method }]));
      for (const [offset, length] of [
        [0, 10],
        [10, 20],
        [990, 50],
        [1000, 5],
        [2000, 5],
        [3, undefined],
      ] as const) {
        const read = tree.read('x.dat', { offset, length });
        expect(read).toEqual(onDisk.read('x.dat', { offset, length }));
        expect(read.byteOffset % 8).toBe(0);
      }
    }
  });

  it('reads only the stretch of a stored file, and inflates a deflated one once for several', () => {
    const archive = zipBytes([{ name: 'x', bytes: Buffer.alloc(1 << 20, 7), method: 0 }]);
    const inner = bufferSource(archive, 'a.zip');
    let most = 0;
    const tree = zipTree({
      ...inner,
      readInto(buffer, position) {
        most = Math.max(most, buffer.length);
        return inner.readInto(buffer, position);
      },
    });
    most = 0;
    expect(tree.read('x', { offset: 500_000, length: 100 })).toEqual(Buffer.alloc(100, 7));
    expect(most).toBeLessThan(1000);
    const packed = zipBytes([{ name: 'x', bytes: HELLO }]);
    const deflated = treeOf(packed);
    expect(deflated.read('x', { offset: 6, length: 5 }).toString()).toBe('hello');
    packed.fill(0, 36, 42); // no longer looked at
    expect(deflated.read('x', { offset: 12, length: 5 }).toString()).toBe('hello');
    expect(() => deflated.read('x')).toThrow(FormatError);
  });

  it.each<[string, Buffer, RegExp]>([
    ['no archive', text('ecg_id,patient_id\n'), /zip archive: expected a whole one, got End of central directory/],
    ['an empty file', text(''), /expected a whole one, got an empty file/],
    ['a cut archive', zipBytes(FILES).subarray(0, -30), /expected a whole one/],
    ['a name that leads out', zipBytes([{ name: '../../etc/x', bytes: HELLO }]), /invalid relative path/],
    ['an absolute name', zipBytes([{ name: '/etc/x', bytes: HELLO }]), /absolute path/],
    ['a drive', zipBytes([{ name: 'C:/x', bytes: HELLO }]), /absolute path/],
    ['a way out with backslashes', zipBytes([{ name: '..\\x', bytes: HELLO }]), /invalid relative path/],
    ['a zero byte in a name', zipBytes([{ name: 'a\0b', bytes: HELLO }]), /zero byte/],
    ['no name', zipBytes([{ name: '', bytes: HELLO }]), /no name|without a name/],
    ['a name twice', zipBytes([FILES[1], FILES[1]]), /key set-1.0\/table.csv: .*expected each once, got twice/],
    ['entries that overlap', zipBytes([FILES[1], { ...FILES[2], claims: { offset: 0 } }]), /no two that overlap/],
    ['an entry over the directory', zipBytes([{ ...FILES[2], claims: { packed: 5000 } }]), /no two that overlap/],
    ['a place behind the end', zipBytes([{ ...FILES[2], claims: { offset: 4e9 } }]), /no two that overlap/],
    ['fewer entries than it has', zipBytes(FILES, { entries: 3 }), /something else after 3 entries/],
    ['more entries than it has', zipBytes(FILES, { entries: 9 }), /expected a whole one/],
  ])('refuses to open %s', (_, bytes, message) => {
    expect(() => treeOf(bytes)).toThrow(FormatError);
    expect(() => treeOf(bytes)).toThrow(message);
  });

  it.each<[string, ZipSource, RegExp]>([
    ['is encrypted', { ...FILES[2], flags: 0x801 }, /expected a plain one, got an encrypted one/],
    ['has an unknown method', { ...FILES[2], method: 12 }, /method: expected stored \(0\) or deflated \(8\), got 12/],
    ['claims two gigabytes', { ...FILES[2], claims: { size: 2 ** 31 } }, /size: expected at most \d+ bytes/],
    ['claims terabytes', { ...FILES[2], zip64: true, claims: { size: 2 ** 42 } }, /size: expected at most \d+ bytes/],
    ['claims more than is stored', { ...FILES[1], claims: { size: 9 } }, /size: expected 8 bytes/],
    ['inflates to more than it claims', { ...FILES[2], claims: { size: 1000 } }, /1000 bytes when inflated, got more/],
    ['inflates to less', { ...FILES[2], claims: { size: 1300 } }, /1300 bytes when inflated, got 1200/],
    ['claims to be empty', { ...FILES[2], claims: { size: 0 } }, /0 bytes when inflated, got more/],
    ['has another CRC-32', { ...FILES[2], claims: { crc: 0x12345678 } }, /CRC-32: expected 12345678, got [0-9a-f]{8}/],
    ['has another name in its local header', { ...FILES[2], localName: 'set-1.0/records/00/2.dat' }, /local header/],
  ])('refuses to read a file that %s', (_, source, message) => {
    const tree = treeOf(zipBytes([source, { name: 'set-1.0/other', bytes: HELLO }]));
    const name = String(source.name).slice('set-1.0/'.length);
    expect(() => tree.read(name)).toThrow(FormatError);
    expect(() => tree.read(name)).toThrow(message);
    expect(() => tree.read(name)).toThrow(`/data/a.zip/${name}`);
    expect(tree.read('other')).toEqual(HELLO); // the rest of the archive is as good as before
  });

  it('refuses a bomb before any memory is taken for it', () => {
    const bomb = zipBytes([{ name: 'x', bytes: Buffer.alloc(1 << 20), claims: { size: 2 ** 30 } }]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => treeOf(bomb).read('x')).toThrow(FormatError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 24);
    const names = Array.from({ length: 70 }, (_, i) => ({ name: `${i}`, bytes: HELLO, claims: { offset: 0 } }));
    expect(() => treeOf(zipBytes(names))).toThrow(/overlap/);
  });

  it('says that an archive is missing, a folder, or closed', async () => {
    expect(() => zipTree('/nowhere/a.zip')).toThrow(MissingFileError);
    expect(() => zipTree(folder)).toThrow(FormatError);
    await expect(openFileTree('/nowhere')).rejects.toThrow(MissingFileError);
    await expect(openFileTree('/nowhere')).rejects.toThrow(/expected a folder or a zip archive, got none/);
    writeFileSync(join(folder, 'a.zip'), zipBytes(FILES));
    const tree = await openFileTree(join(folder, 'a.zip'));
    expect(tree.read('table.csv')).toEqual(FILES[1].bytes);
    tree.close();
    expect(() => tree.read('table.csv')).toThrow(StorageError);
    writeFileSync(join(folder, 'no.zip'), 'text');
    await expect(openFileTree(join(folder, 'no.zip'))).rejects.toThrow(FormatError);
    expect((await openFileTree(folder)).has('a.zip')).toBe(true);
  });

  it('finds each of 20,000 files in 300 folders, in any order', () => {
    const random = randomStream(5, 'zip names');
    const names = Array.from({ length: 20_000 }, (_, i) => `p${i % 300}/s${Math.floor(i / 7)}/${i}.dat`);
    const tree = treeOf(zipBytes(names.map((name) => ({ name, bytes: text(name), method: 0 }))));
    expect(tree.list()).toEqual([...names].sort());
    for (let k = 0; k < 2000; k++) {
      const name = names[Math.floor(random.uniform() * names.length)];
      expect(tree.read(name).toString()).toBe(name);
      expect(tree.has(name.slice(0, name.lastIndexOf('/')))).toBe(true);
      expect(tree.has(`${name}x`)).toBe(false);
    }
  });

  it('gives the files or a typed error for archives with any bytes changed or cut (10,000 cases)', () => {
    const good = zipBytes(FILES);
    const contents = FILES.map(({ bytes }) => bytes);
    const place = fc.oneof(
      fc.integer({ min: 0, max: good.length - 1 }),
      fc.integer({ min: good.length - 500, max: good.length - 1 }), // the directory, where most can go wrong
    );
    const change = fc.record({ place, value: fc.oneof(fc.constantFrom(0, 1, 0xff), fc.integer({ min: 0, max: 255 })) });
    const cut = fc.oneof({ weight: 4, arbitrary: fc.constant(good.length) }, fc.integer({ min: 0, max: good.length }));
    const before = process.memoryUsage().arrayBuffers;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), cut, (changes, length) => {
        const bytes = Buffer.from(good);
        for (const { place, value } of changes) bytes[place] = value;
        readAll(bytes.subarray(0, length));
      }),
      { numRuns: 8000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (noise, at) => {
        readAll(Buffer.concat([good.subarray(0, at), noise, good.subarray(-200)]));
      }),
      { numRuns: 2000 },
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 28);

    function readAll(bytes: Buffer): void {
      try {
        const tree = treeOf(bytes);
        for (const name of tree.list()) {
          const size = tree.size(name);
          let whole: Buffer;
          try {
            whole = tree.read(name);
          } catch (fault) {
            if (!(fault instanceof KitError)) throw fault;
            expect(fault.where.file).toContain('/data/a.zip');
            continue;
          }
          expect(whole.length).toBe(size);
          expect(contents.some((content) => content.equals(whole))).toBe(true); // nothing else passes the CRC-32
        }
      } catch (fault) {
        if (!(fault instanceof KitError)) throw fault;
      }
    }
  });

  it('reads names in UTF-8, also where the archive does not say so, and CP437, and replaces no byte', () => {
    const names = (name: string | Buffer, flags?: number) => treeOf(zipBytes([{ name, bytes: HELLO, flags }])).list();
    expect(names('Müller.hea')).toEqual(['Müller.hea']);
    expect(names('Müller.hea', 0)).toEqual(['Müller.hea']); // as macOS writes
    expect(names(Buffer.from('M\x81ller.hea', 'latin1'), 0)).toEqual(['Müller.hea']); // as DOS wrote
    for (const letter of ['\xfc', '\xf6', '\xe4']) {
      const name = Buffer.from(`M${letter}ller.hea`, 'latin1');
      expect(() => names(name)).toThrow(FormatError);
      expect(() => names(name)).toThrow(/name in the archive: expected UTF-8, as the archive says/);
    }
  });

  const python = peerPython('zipfile');
  it.skipIf(python === undefined)(
    'reads what Python writes: stored, deflated, streamed, zip64, other names (skipped without Python)',
    () => {
      const path = join(folder, 'python.zip');
      const code = `
import sys, zipfile
class Pipe:  # cannot seek: sizes follow the data
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(sys.argv[1], 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    for i in range(200):
        data = bytes((i * k * k) % 251 for k in range(i * 37))
        archive.writestr(f'set/{i % 7}/{i}.dat', data, zipfile.ZIP_STORED if i % 3 == 0 else None)
    archive.writestr('set/r\\u00e9sum\\u00e9 \\u4e2d.txt', 'names')
    archive.comment = b'a comment'
    with archive.open('set/big.dat', 'w', force_zip64=True) as entry:
        entry.write(b'0123456789' * 100000)
`;
      execFileSync(python!, ['-c', code, path]);
      const tree = zipTree(path);
      expect(tree.list()).toHaveLength(202);
      for (let i = 0; i < 200; i++) {
        const data = Buffer.from(Array.from({ length: i * 37 }, (_, k) => (i * k * k) % 251));
        expect(tree.read(`${i % 7}/${i}.dat`).equals(data), `${i}`).toBe(true);
      }
      expect(tree.read('résumé 中.txt').toString()).toBe('names');
      expect(tree.read('big.dat', { offset: 999_995 }).toString()).toBe('56789');
      expect(readFileSync(path).length).toBeGreaterThan(0);
      tree.close();
    },
  );
});
