import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { MissingFileError, StorageError } from '../errors';
import { type FileTree, folderTree } from './file-tree';
import { zipTree } from './zip-tree';

/**
 * Opens a publisher's files where they lie: a folder, or a zip archive, which stays zipped.
 *
 * @param path the folder or the archive
 * @throws MissingFileError when there is neither
 * @throws FormatError when it is a file and no whole zip archive; see `zipTree`
 */
export async function openFileTree(path: string): Promise<FileTree> {
  return openFileTreeSync(path);
}

/** As `openFileTree`, at once; a tree that is open already is returned as it is. */
export function openFileTreeSync(path: string | FileTree): FileTree {
  if (typeof path !== 'string') return path;
  const where = { file: resolve(path) };
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StorageError('dataset', { expected: 'a folder or a zip archive', actual, where, cause });
  }
  if (stats === undefined) {
    throw new MissingFileError('dataset', { expected: 'a folder or a zip archive', actual: 'none', where });
  }
  return stats.isDirectory() ? folderTree(path) : zipTree(path);
}
