import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError, MissingFileError, StorageError } from '../../lib/errors';
import { bufferSource } from '../../lib/io/byte-source';
import { type FileTree, folderTree } from '../../lib/io/file-tree';
import { openFileTreeSync } from '../../lib/io/open-file-tree';
import { zipTree } from '../../lib/io/zip-tree';
import { zipBytes } from '../write-zip';

const FILES = { 'b.csv': 'a,b\n', 'ecgs/1.dat': 'first', 'ecgs/deep/2.dat': '', 'é.txt': 'é' };

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'hybrid-ecg-tree-'));
  mkdirSync(join(root, 'ecgs/deep'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
  return root;
}

const trees: [string, () => FileTree][] = [
  ['a folder', () => folderTree(folder())],
  [
    'an archive',
    () => {
      const files = Object.entries(FILES).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
      return zipTree(bufferSource(zipBytes(files), '/data/a.zip'));
    },
  ],
];

describe.each(trees)('the tree of %s', (_, open) => {
  const tree = open();

  it('lists, finds, measures and reads files', () => {
    expect(tree.list()).toEqual(Object.keys(FILES).sort());
    for (const [name, text] of Object.entries(FILES)) {
      expect(tree.has(name)).toBe(true);
      expect(tree.size(name)).toBe(Buffer.byteLength(text));
      expect(tree.read(name).toString()).toBe(text);
      expect(tree.show(name)).toBe(`${tree.path}/${name}`);
    }
    expect(tree.has('ecgs')).toBe(true);
    expect(tree.has('ecgs/deep')).toBe(true);
    expect(tree.has('ecgs/2.dat')).toBe(false);
    expect(tree.read('ecgs/../b.csv').toString()).toBe('a,b\n');
  });

  it('reads stretches, fewer bytes where the file ends', () => {
    expect(tree.read('ecgs/1.dat', { offset: 1, length: 3 }).toString()).toBe('irs');
    expect(tree.read('ecgs/1.dat', { offset: 3, length: 100 }).toString()).toBe('st');
    expect(tree.read('ecgs/1.dat', { offset: 5 })).toHaveLength(0);
    expect(tree.read('ecgs/1.dat', { offset: 50, length: 5 })).toHaveLength(0);
  });

  it('names what is missing, and refuses names that lead out', () => {
    for (const ask of [tree.read, tree.size]) {
      expect(() => ask('ecgs/none')).toThrow(MissingFileError);
      expect(() => ask('ecgs/none')).toThrow(`${tree.path}/ecgs/none`);
      for (const name of ['../x', '/etc/hostname', 'a/../../x', 'a\0b']) {
        expect(() => ask(name)).toThrow(FormatError);
        expect(() => tree.has(name)).toThrow(/expected a file inside the dataset/);
      }
    }
    tree.close();
  });
});

describe('folderTree', () => {
  it('lists links to files and follows none to folders', () => {
    const root = folder();
    symlinkSync(join(root, 'b.csv'), join(root, 'link.csv'));
    symlinkSync(root, join(root, 'ecgs/loop'));
    symlinkSync('/nowhere', join(root, 'dangling'));
    expect(folderTree(root).list()).toEqual([...Object.keys(FILES), 'link.csv'].sort());
  });

  it('says that the folder is missing, or a file cannot be read', () => {
    expect(() => folderTree('/nowhere').list()).toThrow(MissingFileError);
    const root = folder();
    expect(() => folderTree(root).read('ecgs')).toThrow(StorageError);
    expect(() => folderTree(join(root, 'b.csv')).list()).toThrow(StorageError);
    const long = 'a'.repeat(300);
    for (const ask of ['has', 'size', 'read'] as const) {
      expect(() => folderTree(root)[ask](long)).toThrow(StorageError);
      expect(() => folderTree(root)[ask](long)).toThrow(`${join(root, long)}: file: expected a file that can be read`);
    }
    if (process.getuid?.() === 0) return; // root reads all
    chmodSync(join(root, 'b.csv'), 0);
    expect(() => folderTree(root).read('b.csv')).toThrow(StorageError);
    chmodSync(join(root, 'ecgs'), 0);
    for (const ask of ['has', 'size', 'read'] as const) {
      expect(() => folderTree(root)[ask]('ecgs/1.dat')).toThrow(StorageError);
    }
    chmodSync(join(root, 'ecgs'), 0o700);
  });
});

describe('the tree of a folder', () => {
  it('finds a name in any case, where only one is alike', () => {
    const root = folder();
    const tree = folderTree(root);
    expect(tree.read('ECGS/1.DAT').toString()).toBe('first');
    expect(tree.size('Ecgs/Deep/2.dat')).toBe(0);
    expect(tree.has('B.CSV')).toBe(true);
    expect(tree.has('ECGS/3.dat')).toBe(false);
    expect(() => tree.read('ECGS/3.dat')).toThrow(`${root}/ECGS/3.dat`);
    writeFileSync(join(root, 'B.csv'), 'other');
    expect(folderTree(root).read('b.csv').toString()).toBe('a,b\n');
    expect(() => folderTree(root).read('B.CSV')).toThrow(MissingFileError);
  });

  it('is that of the one folder inside which holds what is asked for', () => {
    const root = folder();
    expect(openFileTreeSync(root, 'b.csv').path).toBe(root);
    expect(openFileTreeSync(root, '1.dat').path).toBe(join(root, 'ecgs'));
    const outer = mkdtempSync(join(tmpdir(), 'hybrid-ecg-tree-'));
    mkdirSync(join(outer, 'a/b'), { recursive: true });
    mkdirSync(join(outer, '.hidden'));
    writeFileSync(join(outer, 'README.txt'), 'x');
    writeFileSync(join(outer, 'a/b/table.csv'), 'x');
    expect(openFileTreeSync(outer, 'table.csv').path).toBe(join(outer, 'a/b'));
    expect(openFileTreeSync(outer, 'other.csv').path).toBe(outer);
    expect(openFileTreeSync(outer).path).toBe(outer);
    mkdirSync(join(outer, 'c'));
    expect(openFileTreeSync(outer, 'table.csv').path).toBe(outer);
  });
});
