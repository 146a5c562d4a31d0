import { closeSync, type Dirent, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { FormatError, MissingFileError, StorageError } from '../errors';

/**
 * A publisher's files, read in place: a folder, or a zip archive that stays zipped.
 *
 * Names are relative to the tree's root, with `/` between folders. A name that leads out of the tree (`../`, an absolute
 * path) is refused: a header or a table that names files is not to be trusted. A name that is not there as it is spelled
 * finds the only one that differs from it in case: discs without case have passed on many datasets.
 */
export interface FileTree {
  /** The folder or the archive, absolute; for errors. */
  readonly path: string;
  /**
   * Whether there is a file, or a folder, of this name.
   *
   * @throws StorageError when the disk refuses to look
   */
  has(name: string): boolean;
  /**
   * Bytes of a file.
   *
   * @throws MissingFileError when there is no such file; StorageError when the disk refuses to look
   */
  size(name: string): number;
  /**
   * Reads a file, or a stretch of it.
   *
   * @param options.offset first byte; default 0
   * @param options.length bytes; default to the end. Fewer come back where the file ends before
   * @throws MissingFileError when there is no such file; StorageError when the disk refuses to read it
   * @throws FormatError when the name leads out of the tree
   */
  read(name: string, options?: { readonly offset?: number; readonly length?: number }): Buffer;
  /** Names of all files, in folders too, sorted by code unit. Holds them all: not for a tree of a million. */
  list(): string[];
  /** Name of a file as errors show it. */
  show(name: string): string;
  /** Lets go of what is held open. */
  close(): void;
}

/** The tree of a folder. */
export function folderTree(folder: string): FileTree {
  const root = resolve(folder);
  const place = (name: string) => join(root, insideName(name, root));
  const inAnyCase = spellings(root);
  const sizeOf = (path: string) => {
    const found = statsOf(path);
    if (found?.isFile()) return found.size;
    throw new MissingFileError('file', { expected: relative(root, path), actual: 'none', where: { file: path } });
  };
  const respelled = <T>(name: string, act: (path: string) => T): T => {
    try {
      return act(place(name));
    } catch (fault) {
      const other = fault instanceof MissingFileError ? inAnyCase(insideName(name, root)) : undefined;
      if (other === undefined) throw fault;
      return act(other);
    }
  };
  return {
    path: root,
    has: (name) => statsOf(place(name)) !== undefined || inAnyCase(insideName(name, root)) !== undefined,
    size: (name) => respelled(name, sizeOf),
    read: (name, options) => respelled(name, (path) => readFrom(path, options)),
    list: () => filesUnder(root).sort(),
    show: (name) => join(root, name),
    close: () => {},
  };
}

/**
 * Finds the path of a name under a folder in any case; undefined where there is none, or more than one.
 *
 * The listing of the last folder is kept: names that are missing mostly come by the thousand.
 */
function spellings(root: string): (name: string) => string | undefined {
  let listed: { readonly folder: string; readonly names: ReadonlyMap<string, string | undefined> } | undefined;
  const namesIn = (folder: string) => {
    if (listed?.folder === folder) return listed.names;
    const names = new Map<string, string | undefined>();
    for (const { name } of entriesOf(folder)) {
      const plain = name.toLowerCase();
      names.set(plain, names.has(plain) ? undefined : name);
    }
    listed = { folder, names };
    return names;
  };
  return (name) => {
    let path = root;
    for (const step of name.split(sep)) {
      const exact = join(path, step);
      const other = statsOf(exact) === undefined ? namesIn(path).get(step.toLowerCase()) : step;
      if (other === undefined) return undefined;
      path = join(path, other);
    }
    return path;
  };
}

/** What lies in a folder; nothing where it cannot be listed: files in it are then found by their own names alone. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Whether an operating system, and no publisher, has put an entry of this name into a folder or an archive. */
export function isLeftBySystem(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX' || name === 'Thumbs.db' || name === 'desktop.ini';
}

/**
 * A name within a tree, in its shortest form.
 *
 * @throws FormatError when it leads out of the tree
 */
export function insideName(name: string, root: string): string {
  const inside = normalize(name);
  const leaves = isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`) || name.includes('\0');
  if (!leaves) return inside;
  const expected = 'a file inside the dataset';
  throw new FormatError('file name', { expected, actual: `'${name}'`, where: { file: root } });
}

/** Files under a folder, relative to it; a link to a file counts, one to a folder is not followed. */
function filesUnder(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
      .filter(({ entry, path }) => entry.isFile() || (entry.isSymbolicLink() && statSync(path, MAYBE)?.isFile()))
      .map(({ path }) => relative(root, path).split(sep).join('/'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const where = { file: root };
    if (code !== 'ENOENT') {
      throw new StorageError('folder', {
        expected: 'one that can be read',
        actual: code ?? String(cause),
        where,
        cause,
      });
    }
    throw new MissingFileError('folder', { expected: 'a folder', actual: 'none', where, cause });
  }
}

const MAYBE = { throwIfNoEntry: false } as const;

/** What lies at a path; undefined where there is nothing. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, MAYBE);
  } catch (cause) {
    throw refused(path, cause);
  }
}

function refused(path: string, cause: unknown): StorageError {
  const actual = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new StorageError('file', { expected: 'a file that can be read', actual, where: { file: path }, cause });
}

function readFrom(path: string, { offset = 0, length }: { offset?: number; length?: number } = {}): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw refused(path, cause);
    const expected = 'a file that can be read';
    throw new MissingFileError('file', { expected, actual: 'none', where: { file: path }, cause });
  }
  try {
    const { size } = fstatSync(descriptor);
    const wanted = Math.max(0, Math.min(length ?? size, size - offset));
    const bytes = Buffer.allocUnsafeSlow(wanted); // by itself, so that typed arrays can be laid over it
    let done = 0;
    while (done < wanted) {
      const got = readSync(descriptor, bytes, done, wanted - done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return bytes.subarray(0, done);
  } catch (cause) {
    throw refused(path, cause);
  } finally {
    closeSync(descriptor);
  }
}
