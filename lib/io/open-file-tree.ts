import { existsSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MissingFileError, StorageError } from '../errors';
import { entriesOf, type FileTree, folderTree, isLeftBySystem } from './file-tree';
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

/**
 * As `openFileTree`, at once; a tree that is open already is returned as it is.
 *
 * @param holding a file that the tree must have: where the folder has it not, and one folder inside has, that one is opened.
 *   (A zip archive finds names in the one folder at its top by itself.)
 */
export function openFileTreeSync(path: string | FileTree, holding?: string): FileTree {
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
  if (!stats.isDirectory()) return zipTree(path);
  return folderTree(holding === undefined ? path : folderHolding(path, holding));
}

/** The folder, or the only one in it, or the only one in that, which has a file; the folder itself where none has. */
function folderHolding(folder: string, name: string): string {
  let inner = folder;
  while (!existsSync(join(inner, name))) {
    const folders = entriesOf(inner)
      .filter((entry) => !isLeftBySystem(entry.name))
      .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && existsSync(join(inner, entry.name, '.'))));
    if (folders.length !== 1) return folder;
    inner = join(inner, folders[0].name);
  }
  return inner;
}
