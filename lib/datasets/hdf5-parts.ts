import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ArgumentError, FormatError, type KitError, MissingFileError } from '../errors';
import { fileSource } from '../io/byte-source';
import type { FileTree } from '../io/file-tree';
import { Hdf5File } from '../io/hdf5';
import type { Hdf5Library } from '../io/hdf5-library';
import { Hdf5Rows } from '../io/hdf5-rows';
import { requireRoomToUnpack, unpackZipEntry } from '../io/unpack-zip-entry';
import { ZipDirectory } from '../io/zip-directory';
import { faultOf } from './fault-of';

/** An HDF5 file of a dataset, where it lies. */
export interface Hdf5Part {
  /** Its own name, such as `exams_part0.hdf5`. */
  readonly name: string;
  /** The file that holds it, relative to the dataset's folder: itself, or a zip archive. */
  readonly file: string;
  /** Whether it has to be unpacked to be opened. */
  readonly zipped: boolean;
}

/** A part that is open. */
export interface OpenPart {
  readonly file: Hdf5File;
  /** Rows of its `tracings`. */
  readonly tracings: Hdf5Rows;
}

interface CurrentPart extends OpenPart {
  readonly name: string;
  /** What it was unpacked to, where the system does not let an open file be removed. */
  readonly temporary: string | undefined;
}

/**
 * The HDF5 files of a dataset, of which one at a time is open.
 *
 * A slice of a compressed file is none: a part that lies zipped is unpacked to a temporary file when its turn comes, and
 * removed at once where the system lets an open file be removed, else when the next part's turn comes.
 */
export class Hdf5Parts {
  private current: CurrentPart | undefined;
  private closed = false;
  /** Why a part did not open: unpacking gigabytes again for each of its exams would take days. */
  private readonly faults = new Map<string, KitError>();
  /** Those that have to be unpacked, by what they are called. */
  private readonly zipped = new Map<string, Hdf5Part>();

  /** Whether the whole dataset lies in one archive. */
  private readonly inArchive: boolean;

  constructor(
    private readonly hdf5: Hdf5Library,
    private readonly files: FileTree,
  ) {
    this.inArchive = statSync(files.path, { throwIfNoEntry: false })?.isFile() ?? false;
  }

  /**
   * Finds a part: the file itself, or `<name>.zip` that holds it, as the publishers ship it.
   *
   * @throws MissingFileError when there is neither; FormatError when the archive cannot be read
   */
  find(name: string): Hdf5Part {
    if (this.files.has(name)) return this.noted({ name, file: this.spelled(name), zipped: this.inArchive });
    const zip = name.replace(/\.\w+$/, '.zip');
    const archive = this.spelled(zip);
    if (!this.inArchive && this.files.has(archive)) {
      const inside = hdf5FilesOf(join(this.files.path, archive)).find((path) => basename(path) === name);
      if (inside !== undefined) return this.noted({ name: inside, file: archive, zipped: true });
    }
    const expected = `${name}${this.inArchive ? '' : ` or ${zip}`}`;
    throw new MissingFileError('HDF5 file', { expected, actual: 'none', where: { file: this.files.path } });
  }

  /**
   * All parts: every HDF5 file of the dataset, and those that lie only in zip archives beside; in the order of their names.
   *
   * An archive that cannot be read is a part too, which does not open.
   */
  list(): Hdf5Part[] {
    const parts = this.files.list().flatMap((file): Hdf5Part[] => {
      if (isHdf5(file)) return [{ name: file, file, zipped: this.inArchive }];
      if (this.inArchive || !/\.zip$/i.test(file)) return [];
      const inside = faultOf(() => hdf5FilesOf(join(this.files.path, file)));
      return (inside.value ?? [file]).map((name) => ({ name, file, zipped: true }));
    });
    const unpacked = new Set(parts.filter(({ name, file }) => name === file).map(({ name }) => basename(name)));
    return parts
      .filter(({ name, file }) => name === file || !unpacked.has(basename(name)))
      .map((part) => this.noted(part))
      .sort((a, b) => inOrder.compare(a.name, b.name));
  }

  /** The name of a file as the folder has it, perhaps in another case. */
  private spelled(name: string): string {
    if (this.inArchive || existsSync(join(this.files.path, name))) return name;
    return this.files.list().find((file) => file.toLowerCase() === name.toLowerCase()) ?? name;
  }

  private noted(part: Hdf5Part): Hdf5Part {
    if (part.zipped) this.zipped.set(this.show(part), part);
    return part;
  }

  /** What errors call a part. */
  show(part: Hdf5Part): string {
    if (this.inArchive) return this.files.show(part.name);
    return part.zipped ? `${this.files.show(part.file)}/${part.name}` : this.files.show(part.file);
  }

  /**
   * Makes sure that the zipped parts found so far can be unpacked when their turn comes; the others need no room. A
   * damaged one is said when it is opened.
   *
   * @param processes how many have one unpacked at a time
   * @throws MachineError when there is no room
   */
  requireRoom(processes = 1): void {
    for (const part of this.zipped.values()) {
      faultOf(() => requireRoomToUnpack(this.archiveOf(part), part.name, { processes }));
    }
  }

  /**
   * Opens a part, unless it is open, and closes the one before.
   *
   * @throws as `Hdf5File`, `unpackZipEntry`; a part that has failed is not tried again, unless the machine was at fault
   */
  open(part: Hdf5Part): OpenPart {
    const shown = this.show(part);
    if (this.current?.name === shown) return this.current;
    if (this.closed) throw new ArgumentError('dataset', { expected: 'an open one', actual: 'closed' });
    const failed = this.faults.get(shown);
    if (failed !== undefined) throw failed;
    this.closeCurrent();
    const opened = faultOf(() => this.openPart(part, shown));
    if (opened.fault !== undefined) {
      this.faults.set(shown, opened.fault);
      throw opened.fault;
    }
    this.current = opened.value;
    return opened.value;
  }

  /** Closes what is open; no part is opened after it. */
  close(): void {
    this.closed = true;
    this.closeCurrent();
  }

  private openPart(part: Hdf5Part, shown: string): CurrentPart {
    const temporary = part.zipped ? unpackZipEntry(this.archiveOf(part), part.name) : undefined;
    let file: Hdf5File | undefined;
    try {
      file = new Hdf5File(this.hdf5, temporary ?? join(this.files.path, part.file), { shown });
      const tracings = new Hdf5Rows(file, 'tracings');
      return { name: shown, file, tracings, temporary: removed(temporary) ? undefined : temporary };
    } catch (fault) {
      file?.close();
      removed(temporary);
      throw fault;
    }
  }

  private closeCurrent(): void {
    const { current } = this;
    this.current = undefined;
    current?.file.close();
    removed(current?.temporary);
  }

  private archiveOf(part: Hdf5Part): string {
    return this.inArchive ? this.files.path : join(this.files.path, part.file);
  }
}

/** Names by their numbers: part 2 before part 10. */
const inOrder = new Intl.Collator('en', { numeric: true });

/**
 * Requires axes of a dataset.
 *
 * @param shape the wanted extents; undefined where any will do
 * @throws FormatError when it has others
 */
export function requireShape(file: Hdf5File, name: string, shape: readonly (number | undefined)[]): void {
  const found = file.dataset(name).shape;
  if (found.length === shape.length && shape.every((extent, i) => extent === undefined || extent === found[i])) return;
  const where = { file: file.shown, key: name };
  const expected = `(${shape.map((extent) => extent ?? 'any').join(', ')})`;
  throw new FormatError('shape', { expected, actual: `(${found.join(', ')})`, where });
}

function isHdf5(name: string): boolean {
  return /\.(hdf5|h5)$/i.test(name) && !name.split('/').some((step) => step.startsWith('.') || step === '__MACOSX');
}

function hdf5FilesOf(archive: string): string[] {
  const source = fileSource(archive);
  try {
    return [...new ZipDirectory(source).list()].filter(isHdf5);
  } finally {
    source.close();
  }
}

/** Removes a temporary file; false where the system keeps an open one. */
function removed(path: string | undefined): boolean {
  if (path === undefined) return true;
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}
