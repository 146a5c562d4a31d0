import type { Entry } from 'yauzl';
import { FormatError } from '../errors';
import type { ByteSource } from './byte-source';

const STORED = 0;
const DEFLATED = 8;
/** DEFLATE writes at most 258 bytes for 2 bits (zlib's technical details). */
const MAX_DEFLATE_RATIO = 1032;

/** Whether the data of an entry are deflated; else they are stored as they are. */
export function isDeflated(entry: Entry): boolean {
  return entry.compressionMethod === DEFLATED;
}

/**
 * Refuses an entry that cannot be read, and sizes that cannot be, before anything is allocated for them.
 *
 * @param file name for errors
 * @throws FormatError when it is encrypted or of an unknown method, or claims more than its data can hold
 */
export function requireReadable(entry: Entry, file: string): void {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  const where = { file };
  if (entry.isEncrypted()) {
    throw new FormatError('zip entry', { expected: 'a plain one', actual: 'an encrypted one', where });
  }
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    const expected = 'stored (0) or deflated (8)';
    throw new FormatError('compression method', { expected, actual: String(compressionMethod), where });
  }
  const most = compressionMethod === STORED ? compressedSize : compressedSize * MAX_DEFLATE_RATIO;
  if (uncompressedSize > most || (compressionMethod === STORED && uncompressedSize !== compressedSize)) {
    const expected = `${compressionMethod === STORED ? '' : 'at most '}${most} bytes (${compressedSize} in the archive)`;
    throw new FormatError('size', { expected, actual: String(uncompressedSize), where });
  }
}

/**
 * Where the data of an entry begin: its local header, which must agree with the directory, says how long itself is.
 *
 * @param file name for errors
 * @throws FormatError when there is another header, or none
 */
export function dataStart(source: ByteSource, entry: Entry, file: string): number {
  const { relativeOffsetOfLocalHeader: start, fileNameLength, fileNameRaw } = entry;
  const header = readExactly(source, { position: start, length: 30 + fileNameLength, file });
  const name = header.subarray(30);
  const agrees =
    header.readUInt32LE(0) === 0x04034b50 &&
    header.readUInt16LE(8) === entry.compressionMethod &&
    header.readUInt16LE(26) === fileNameLength &&
    name.equals(fileNameRaw);
  if (!agrees) {
    const actual = 'another, or none';
    throw new FormatError('local header', { expected: 'that of the directory', actual, where: { file } });
  }
  return start + header.length + header.readUInt16LE(28);
}

/** A stretch of an archive. */
export interface ZipStretch {
  readonly position: number;
  /** Bytes. */
  readonly length: number;
  /** Name for errors. */
  readonly file: string;
}

/**
 * Reads a stretch of an archive, in a buffer by itself, so that typed arrays can be laid over it.
 *
 * @throws FormatError when the archive ends before
 */
export function readExactly(source: ByteSource, stretch: ZipStretch): Buffer {
  requireThere(source, stretch);
  const bytes = Buffer.allocUnsafeSlow(stretch.length);
  if (source.readInto(bytes, stretch.position) === stretch.length) return bytes;
  throw cutOff(source, stretch);
}

/** @throws FormatError when the archive ends before the end of a stretch */
export function requireThere(source: ByteSource, stretch: ZipStretch): void {
  if (stretch.position + stretch.length > source.size) throw cutOff(source, stretch);
}

function cutOff(source: ByteSource, { position, length, file }: ZipStretch): FormatError {
  const expected = `${length} bytes at ${position}`;
  return new FormatError('zip archive', { expected, actual: `cut off at ${source.size}`, where: { file } });
}
