import { normalize } from 'node:path';
import { MissingFileError } from '../lib/errors';
import { type FileTree, insideName } from '../lib/io/file-tree';

/**
 * A tree of files in memory, for tests that would write thousands of them.
 *
 * @param path what it calls itself
 */
export function memoryTree(files: Readonly<Record<string, Uint8Array>>, path = '/data'): FileTree {
  const show = (name: string) => normalize(`${path}/${name}`);
  const find = (name: string): Uint8Array => {
    const inside = insideName(name, path);
    if (Object.hasOwn(files, inside)) return files[inside];
    throw new MissingFileError('file', { expected: name, actual: 'none', where: { file: show(name) } });
  };
  return {
    path,
    has: (name) => Object.hasOwn(files, insideName(name, path)),
    size: (name) => find(name).length,
    read: (name, { offset = 0, length = Number.POSITIVE_INFINITY } = {}) =>
      Buffer.from(find(name).subarray(offset, offset + length)),
    list: () => Object.keys(files).sort(),
    show,
    close: () => {},
  };
}
