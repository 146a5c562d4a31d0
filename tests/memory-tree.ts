import { FormatError, MissingFileError } from '../lib/errors';
import type { FileTree } from '../lib/io/file-tree';

/** A tree of files in memory, for tests that would write thousands of them. */
export function memoryTree(files: Readonly<Record<string, Buffer>>, path = '/data'): FileTree {
  const bytesOf = (name: string) => {
    if (name.includes('..')) {
      throw new FormatError('file name', {
        expected: 'a file inside the dataset',
        actual: name,
        where: { file: path },
      });
    }
    if (Object.hasOwn(files, name)) return files[name];
    throw new MissingFileError('file', { expected: name, actual: 'none', where: { file: `${path}/${name}` } });
  };
  return {
    path,
    has: (name) => Object.hasOwn(files, name),
    size: (name) => bytesOf(name).length,
    read: (name, { offset = 0, length = bytesOf(name).length } = {}) =>
      Buffer.from(bytesOf(name).subarray(offset, offset + length)),
    list: () => Object.keys(files).sort(),
    show: (name) => `${path}/${name}`,
    close: () => {},
  };
}
