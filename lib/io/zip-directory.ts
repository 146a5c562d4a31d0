import { isUtf8 } from 'node:buffer';
import type { Entry } from 'yauzl';
import { fromRandomAccessReader, getFileNameLowLevel, validateFileName, type ZipFile } from 'yauzl';
import { FormatError, KitError } from '../errors';
import type { ByteSource } from './byte-source';
import { isLeftBySystem } from './file-tree';
import { HashedPlaces } from './hashed-places';
import { WindowReader } from './window-reader';

const SCAN_BYTES = 1 << 18;
/** A directory record with a name of usual length: 46 bytes, name, extra fields. */
const LOOKUP_BYTES = 256;
/** Names that may share a 32-bit hash; more are no accident, and would make every look-up slow. */
const MAX_SAME_HASH = 64;
/** Longest path that Linux takes; each folder of a name is looked up, so that long names would take hours. */
const MAX_NAME = 4096;
/** Names that yauzl's slower check must see, or that were not UTF-8 as the archive says. */
const SUSPECT = /\.\.|[\0\\:\ufffd]|^\//;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Places by the hash of names in lower case. */
interface PlainNames {
  readonly files: HashedPlaces;
  readonly folders: HashedPlaces;
}

/**
 * The central directory of a zip archive, looked up by name.
 *
 * The directory stays on disk: memory holds for each file and folder a hash of its name and the place of a directory
 * record, 20 to 30 bytes, so that an archive of a million files opens without holding a million names. yauzl reads the
 * records, zip64 ones too.
 */
export class ZipDirectory {
  /** The folder that all entries share at the top, with its `/`; empty where they share none. */
  readonly root: string;
  /** Folders that names may be in: the root, then those that are the only one in the one before, then none. */
  private readonly roots: readonly string[];
  /** Files in the archive. */
  readonly files: number;
  private readonly reader: WindowReader;
  private readonly zip: ZipFile;
  private readonly names = new HashedPlaces();

  /**
   * Reads the whole directory once.
   *
   * @throws FormatError when it is no whole zip archive, a name leads out of it or comes twice, or entries overlap
   */
  constructor(private readonly source: ByteSource) {
    this.reader = new WindowReader(source, LOOKUP_BYTES);
    this.zip = this.openZip();
    const scanned = this.scan();
    this.root = scanned.root;
    this.roots = [...new Set([scanned.root, ...foldersOf(scanned.shared), ''])];
    this.files = scanned.files;
  }

  /** The entry of a file; undefined where there is none of this name, nor only one that differs from it in case. */
  file(name: string): Entry | undefined {
    const names = this.roots.map((root) => root + name);
    return this.fileSpelled(names) ?? this.fileInAnyCase(names);
  }

  /** Whether there is a file or a folder of this name, in any case. */
  has(name: string): boolean {
    const names = this.roots.map((root) => root + name);
    if (this.fileSpelled(names) !== undefined) return true;
    const folders = names.filter((full) => !this.root.startsWith(`${full}/`)); // the root itself is taken off
    if (folders.some((full) => this.findFolder(full, hashOf(full)))) return true;
    return this.fileInAnyCase(names) !== undefined || this.hasFolderInAnyCase(folders);
  }

  /** Names of all files, in the order of the archive. */
  *list(): Iterable<string> {
    let place = this.start;
    for (let i = 0; i < this.zip.entryCount; i++) {
      const { entry, next } = this.entryAt(place, SCAN_BYTES);
      const name = nameOf(entry);
      if (isFile(name)) yield name.startsWith(this.root) ? name.slice(this.root.length) : name;
      place = next;
    }
  }

  private start = 0;

  private openZip(): ZipFile {
    let zip: ZipFile | undefined;
    let fault: Error | null = null;
    const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: false };
    if (this.source.size > 0) {
      // answers before it returns, since the reader does
      fromRandomAccessReader(this.reader, this.source.size, options, (error, opened) => {
        fault = error;
        zip = opened;
      });
    }
    if (fault !== null) throw this.fault(fault);
    if (zip === undefined) throw this.fault(new Error('an empty file'));
    zip.on('error', (error) => {
      this.read.fault = error;
    });
    zip.on('entry', (entry: Entry) => {
      this.read.entry = entry;
    });
    this.start = cursor(zip).readEntryCursor;
    return zip;
  }

  /** What the reading of one record has answered. */
  private readonly read: { entry?: Entry; fault?: Error } = {};

  /** The entry whose directory record is at `place`, and the place after it. */
  private entryAt(place: number, stretch: number): { entry: Entry; next: number } {
    const { read, zip } = this;
    read.entry = undefined;
    read.fault = undefined;
    this.reader.stretch = stretch;
    zip.entriesRead = 0;
    zip.emittedError = false;
    cursor(zip).readEntryCursor = place;
    zip.readEntry();
    if (read.fault !== undefined) throw this.fault(read.fault);
    // a record without any name answers later: there is nothing to read for it
    if (read.entry === undefined) throw this.fault(new Error('an entry without a name'));
    return { entry: read.entry, next: cursor(zip).readEntryCursor };
  }

  private scan(): { root: string; shared: string; files: number } {
    const { entryCount } = this.zip;
    const offsets: number[] = [];
    const ends: number[] = [];
    let root: string | undefined;
    let shared: string | undefined;
    let previous = '';
    let files = 0;
    let place = this.start;
    for (let i = 0; i < entryCount; i++) {
      const { entry, next } = this.entryAt(place, SCAN_BYTES);
      const name = this.checkedName(entry);
      offsets.push(entry.relativeOffsetOfLocalHeader);
      ends.push(entry.relativeOffsetOfLocalHeader + 30 + entry.fileNameLength + entry.compressedSize);
      if (!name.startsWith('__MACOSX/')) {
        this.add(name, previous, place);
        const top = name.slice(0, name.indexOf('/') + 1);
        if (top !== '' || !isLeftBySystem(name)) root = root === undefined || root === top ? top : '';
        if (top !== '') shared = shared === undefined ? folderOf(name) : sharedFolder(shared, name);
        previous = name;
        if (isFile(name)) files++;
      }
      place = next;
    }
    this.requireEnd(place);
    this.requireApart(Float64Array.from(offsets), Float64Array.from(ends));
    return { root: root ?? '', shared: shared ?? '', files };
  }

  private checkedName(entry: Entry): string {
    const name = nameOf(entry);
    const where = { file: this.source.path };
    if (name.length > MAX_NAME) {
      const actual = String(name.length);
      throw new FormatError('name in the archive', { expected: `at most ${MAX_NAME} characters`, actual, where });
    }
    if (name !== '' && !SUSPECT.test(name)) return name;
    if (name.includes('\ufffd')) {
      const actual = `bytes that are not UTF-8 in '${name}'`;
      throw new FormatError('name in the archive', { expected: 'UTF-8, as the archive says', actual, where });
    }
    const fault = name === '' ? 'no name' : name.includes('\0') ? 'a name with a zero byte' : validateFileName(name);
    if (fault === null) return name;
    throw new FormatError('name in the archive', { expected: 'a name inside it', actual: `${fault}`, where });
  }

  /** Notes a name and the folders on its way; those that the entry before has too are noted already. */
  private add(name: string, previous: string, place: number): void {
    let hash = FNV_OFFSET | 0;
    let same = true;
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      same &&= previous.charCodeAt(i) === code;
      if (code === 47 && !same && !this.findFolder(name.slice(0, i), hash)) this.note(hash, place);
      hash = Math.imul(hash ^ code, FNV_PRIME);
    }
    if (!isFile(name)) return;
    if (this.findFile(name, hash) !== undefined) {
      const where = { file: this.source.path, key: name };
      throw new FormatError('name in the archive', { expected: 'each once', actual: 'twice', where });
    }
    this.note(hash, place);
  }

  private note(hash: number, place: number): void {
    if (this.names.add(hash, place) <= MAX_SAME_HASH) return;
    const expected = `at most ${MAX_SAME_HASH} names of one hash`;
    throw new FormatError('names in the archive', { expected, actual: 'more', where: { file: this.source.path } });
  }

  private findFile(name: string, hash: number): Entry | undefined {
    let found: Entry | undefined;
    this.names.some(hash, (place) => {
      const { entry } = this.entryAt(place, LOOKUP_BYTES);
      if (nameOf(entry) === name) found = entry;
      return found !== undefined;
    });
    return found;
  }

  /** Made when a name is first missing. */
  private plainNames: PlainNames | undefined;

  private fileSpelled(names: readonly string[]): Entry | undefined {
    for (const full of names) {
      const found = this.findFile(full, hashOf(full));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private fileInAnyCase(names: readonly string[]): Entry | undefined {
    this.plainNames ??= this.placesByPlainName();
    const { files } = this.plainNames;
    for (const full of names) {
      const plain = full.toLowerCase();
      const found: Entry[] = [];
      files.some(hashOf(plain), (place) => {
        const { entry } = this.entryAt(place, LOOKUP_BYTES);
        if (nameOf(entry).toLowerCase() === plain) found.push(entry);
        return false;
      });
      if (found.length === 1) return found[0];
    }
    return undefined;
  }

  private hasFolderInAnyCase(names: readonly string[]): boolean {
    this.plainNames ??= this.placesByPlainName();
    const { folders } = this.plainNames;
    return names.some((full) => {
      const plain = full.toLowerCase();
      return folders.some(hashOf(plain), (place) => {
        return nameOf(this.entryAt(place, LOOKUP_BYTES).entry).toLowerCase().startsWith(`${plain}/`);
      });
    });
  }

  private placesByPlainName(): PlainNames {
    const [files, folders] = [new HashedPlaces(), new HashedPlaces()];
    let place = this.start;
    let previous = '';
    for (let i = 0; i < this.zip.entryCount; i++) {
      const { entry, next } = this.entryAt(place, SCAN_BYTES);
      const name = nameOf(entry).toLowerCase();
      // many files of one hash are no accident, and would make every look-up slow
      if (isFile(name) && files.add(hashOf(name), place) > MAX_SAME_HASH) break;
      for (let folder = folderOf(name); folder !== '' && !previous.startsWith(folder); ) {
        const hash = hashOf(folder.slice(0, -1));
        if (!folders.some(hash, () => true)) folders.add(hash, place);
        folder = folderOf(folder.slice(0, -1));
      }
      previous = name;
      place = next;
    }
    return { files, folders };
  }

  private findFolder(name: string, hash: number): boolean {
    return this.names.some(hash, (place) => {
      return nameOf(this.entryAt(place, LOOKUP_BYTES).entry).startsWith(`${name}/`);
    });
  }

  /** After the last record comes the directory's end: a count that is too small would hide files. */
  private requireEnd(place: number): void {
    const signature = Buffer.alloc(4);
    this.source.readInto(signature, place);
    const END = [0x06054b50, 0x06064b50, 0x05054b50]; // the end's record, that of zip64, a digital signature before it
    if (END.includes(signature.readUInt32LE(0))) return;
    const actual = `something else after ${this.zip.entryCount} entries`;
    const where = { file: this.source.path };
    throw new FormatError('zip directory', { expected: 'its end', actual, where });
  }

  /** Entries that share bytes are how a small archive claims petabytes. */
  private requireApart(offsets: Float64Array, ends: Float64Array): void {
    const order = Uint32Array.from(offsets, (_, i) => i);
    if (!offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1])) {
      order.sort((a, b) => offsets[a] - offsets[b]);
    }
    for (let i = 0; i < order.length; i++) {
      const limit = i + 1 < order.length ? offsets[order[i + 1]] : this.start;
      if (ends[order[i]] <= limit) continue;
      const actual = `${ends[order[i]] - offsets[order[i]]} bytes at ${offsets[order[i]]} and something at ${limit}`;
      throw new FormatError('entries', { expected: 'no two that overlap', actual, where: { file: this.source.path } });
    }
  }

  private fault(cause: Error): KitError {
    if (cause instanceof KitError) return cause;
    const where = { file: this.source.path };
    return new FormatError('zip archive', { expected: 'a whole one', actual: cause.message, where, cause });
  }
}

/** The folder of an entry, with its `/`. */
function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

/** The folder that two entries share, the first of which is one. */
function sharedFolder(folder: string, name: string): string {
  let shared = folder;
  while (!name.startsWith(shared)) shared = folderOf(shared.slice(0, -1));
  return shared;
}

/** A folder and those above it, the topmost first. */
function foldersOf(folder: string): string[] {
  const steps = folder.split('/').slice(0, -1);
  return steps.map((_, i) => `${steps.slice(0, i + 1).join('/')}/`);
}

/** Where yauzl reads the next record; its types call the number a boolean. */
function cursor(zip: ZipFile): { readEntryCursor: number } {
  return zip as unknown as { readEntryCursor: number };
}

function isFile(name: string): boolean {
  return !name.endsWith('/') && !name.startsWith('__MACOSX/');
}

const UTF_8_NAME = 0x800;

/** Names that say so are UTF-8, others too where their bytes are it, as macOS writes them; else CP437, as DOS wrote. */
function nameOf(entry: Entry): string {
  const { fileNameRaw, generalPurposeBitFlag: flags, extraFields } = entry;
  for (let i = 0; i < fileNameRaw.length; i++) {
    if (fileNameRaw[i] >= 0x80 || fileNameRaw[i] === 0x5c || entry.extraFieldLength > 64) {
      return getFileNameLowLevel(isUtf8(fileNameRaw) ? flags | UTF_8_NAME : flags, fileNameRaw, extraFields, false);
    }
  }
  return fileNameRaw.toString('latin1');
}

/** FNV-1a over UTF-16 code units. */
function hashOf(name: string): number {
  let hash = FNV_OFFSET | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), FNV_PRIME);
  return hash;
}
