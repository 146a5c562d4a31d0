import { normalize } from 'node:path';
import { MissingFileError } from '../../lib/errors';
import { type FileTree, insideName } from '../../lib/io/file-tree';

/** A tree of files in memory: for tests of readers with thousands of cases. */
export function memoryTree(files: Readonly<Record<string, Uint8Array>>): FileTree {
  const find = (name: string): Uint8Array => {
    const found = files[insideName(name, '/memory')];
    if (found !== undefined) return found;
    throw new MissingFileError('file', { expected: name, actual: 'none', where: { file: show(name) } });
  };
  const show = (name: string) => normalize(`/memory/${name}`);
  return {
    path: '/memory',
    has: (name) => files[name] !== undefined,
    size: (name) => find(name).length,
    read: (name, { offset = 0, length = Number.POSITIVE_INFINITY } = {}) =>
      Buffer.from(find(name).subarray(offset, offset + length)),
    list: () => Object.keys(files).sort(),
    show,
    close: () => {},
  };
}
