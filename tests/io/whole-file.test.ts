import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileWhole } from '../../lib/io/whole-file';

const COMPILED = resolve(__dirname, '../../lib/dist/io/whole-file.js');

function place(): string {
  return join(mkdtempSync(join(tmpdir(), 'whole-')), 'file');
}

describe('a file written whole', () => {
  it('holds its parts in order, its folder made, nothing else left', () => {
    const path = join(place(), 'deeper', 'file');
    writeFileWhole(path, 'head ', Buffer.from('body'));
    expect(readFileSync(path, 'utf8')).toBe('head body');
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  it('that cannot be put in place is a StorageError that names it', () => {
    const path = place();
    mkdirSync(join(path, 'occupied'), { recursive: true });
    expect(() => writeFileWhole(path, 'x')).toThrow(
      expect.objectContaining({ tag: 'StorageError', where: { file: path } }),
    );
  });

  // A limit on the size of files stands in for a full disk: the write fails half way, as it does there.
  it.skipIf(process.platform === 'win32')(
    'on a disk that is full leaves the old file and no half of the new one',
    () => {
      const path = place();
      writeFileSync(path, 'old');
      const code = `
      const { writeFileWhole } = require(${JSON.stringify(COMPILED)});
      try { writeFileWhole(${JSON.stringify(path)}, Buffer.alloc(1 << 20)); } catch (error) { console.log(error.tag); }`;
      const limited = `trap '' XFSZ; ulimit -f 64; exec "$0" -e "$1"`;
      const { stdout } = spawnSync('bash', ['-c', limited, process.execPath, code], { encoding: 'utf8' });
      expect(stdout.trim()).toBe('StorageError');
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(join(path, '..'))).toEqual(['file']);
      expect(existsSync(COMPILED)).toBe(true);
    },
  );
});
