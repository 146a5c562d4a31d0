import { FormatError, type Where } from '../errors';
import type { FileTree } from './file-tree';

/**
 * Reads a file whose kind is never larger than so many bytes: a few bytes of an archive may claim, and inflate to, a
 * gigabyte.
 *
 * @param files where it lies
 * @param name its name there
 * @param options.most bytes that it may have
 * @param options.what what it is, for errors
 * @param options.where gives its place, for errors
 * @throws FormatError when it is larger, before it is read; else as `FileTree.read`
 */
export function readAtMost(
  files: FileTree,
  name: string,
  options: { readonly most: number; readonly what: string; readonly where: () => Where },
): Buffer {
  const { most, what, where } = options;
  const size = files.size(name);
  if (size <= most) return files.read(name);
  throw new FormatError(what, { expected: `at most ${most} bytes`, actual: String(size), where: where() });
}
