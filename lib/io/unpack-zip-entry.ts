import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { accessSync, constants, readdirSync, rmSync, statfsSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Entry } from 'yauzl';
import { FormatError, MissingFileError, StorageError } from '../errors';
import { type ByteSource, fileSource } from './byte-source';
import { MachineError } from './machine-error';
import { ZipDirectory } from './zip-directory';
import { dataStart, isDeflated, requireReadable, requireThere } from './zip-entry';

/** A disk is not filled to its last byte. */
const RESERVE_BYTES = 200e6;

/**
 * Unpacks one file of a zip archive to a temporary one, checked, for readers that need it on disk: some gigabytes are
 * inflated in a few megabytes of memory, 3 to 7 s a gigabyte.
 *
 * It is made beside the archive, or, where there is no room or no permission, in the system's folder for temporary
 * files. The caller removes it; what a killed process has left there goes with the next call.
 *
 * The call waits: a second process inflates, since Node's streams need the event loop that a synchronous reader holds.
 *
 * @param archive path of the archive
 * @param name the file in it
 * @returns path of the temporary file
 * @throws MissingFileError when the file is not in the archive; MachineError when the archive cannot be opened, there is no
 *   room, the disk refuses or the second process ends
 * @throws FormatError when it is no zip archive, the entry is encrypted, of an unknown method or damaged, or its sizes
 *   cannot be
 */
export function unpackZipEntry(archive: string, name: string): string {
  const shown = `${archive}/${name}`;
  const place = find(archive, name, shown);
  const target = join(folderFor(archive, place.size), `${OURS}${process.pid}-${randomUUID()}`);
  try {
    inflate(archive, target, place, shown);
  } catch (fault) {
    rmSync(target, { force: true });
    throw fault;
  }
  return target;
}

/**
 * Makes sure that `unpackZipEntry` will find room.
 *
 * @param options.processes how many unpack at once, each for itself; default 1
 * @throws MachineError when there is none; else as `unpackZipEntry`
 */
export function requireRoomToUnpack(
  archive: string,
  name: string,
  { processes = 1 }: { readonly processes?: number } = {},
): void {
  folderFor(archive, find(archive, name, `${archive}/${name}`).size, processes);
}

type Place = ReturnType<typeof placeOf>;

function find(archive: string, name: string, shown: string): Place {
  let source: ByteSource | undefined;
  try {
    source = fileSource(archive);
    const entry = new ZipDirectory(source).file(name);
    if (entry !== undefined) return placeOf(source, entry, shown);
    throw new MissingFileError('file', { expected: name, actual: 'none', where: { file: archive } });
  } catch (fault) {
    // an archive that cannot be opened any more says nothing about what is in it
    const gone = source === undefined && fault instanceof MissingFileError;
    if (!(fault instanceof StorageError || gone)) throw fault;
    const { expected, actual, where, cause } = fault as StorageError | MissingFileError;
    throw new MachineError('zip archive', { expected, actual, where, cause });
  } finally {
    source?.close();
  }
}

/** Where the data of an entry lie, and what they are. */
function placeOf(source: ByteSource, entry: Entry, shown: string) {
  const { compressedSize: length, uncompressedSize: size, crc32: sum } = entry;
  requireReadable(entry, shown);
  if (size === 0) {
    throw new FormatError('size', { expected: 'a file that is not empty', actual: '0', where: { file: shown } });
  }
  const data = dataStart(source, entry, shown);
  requireThere(source, { position: data, length, file: shown });
  return { data, length, size, sum, deflated: isDeflated(entry) };
}

/** What the second process runs: `PROGRAM archive target first last size deflated` prints JSON. */
const PROGRAM = `
const { createReadStream, createWriteStream } = require('node:fs');
const { Transform } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { crc32, createInflateRaw } = require('node:zlib');
const [archive, target, first, last, size, deflated] = process.argv.slice(1);
const piece = 1 << 20;
let bytes = 0;
let sum = 0;
const checked = new Transform({
  transform(chunk, _, done) {
    bytes += chunk.length;
    sum = crc32(chunk, sum);
    done(bytes > Number(size) ? new Error('more than ' + size + ' bytes') : null, chunk);
  },
});
pipeline([
  createReadStream(archive, { start: Number(first), end: Number(last), highWaterMark: piece }),
  ...(deflated === 'true' ? [createInflateRaw({ chunkSize: piece })] : []),
  checked,
  createWriteStream(target, { flags: 'wx', mode: 0o600, highWaterMark: piece }),
]).then(
  () => process.stdout.write(JSON.stringify({ bytes, sum })),
  (fault) => process.stdout.write(JSON.stringify({ fault: fault.message, code: fault.code, call: fault.syscall })),
);
`;

function inflate(archive: string, target: string, place: Place, shown: string): void {
  const { data, length, size, sum, deflated } = place;
  const given = [archive, target, data, data + length - 1, size, deflated].map(String);
  const child = spawnSync(process.execPath, ['-e', PROGRAM, ...given], { encoding: 'utf8' });
  const where = { file: shown };
  if (child.status !== 0) {
    const actual =
      child.error?.message ?? child.signal ?? (child.stderr.trim().slice(-200) || `status ${child.status}`);
    throw new MachineError('unpacking', { expected: 'a process that unpacks', actual, where, cause: child.error });
  }
  const answer = JSON.parse(child.stdout) as {
    bytes?: number;
    sum?: number;
    fault?: string;
    code?: string;
    call?: string;
  };
  if (answer.call !== undefined) {
    const expected = 'a disk that can be read, and has room for the file unpacked';
    throw new MachineError('unpacking', { expected, actual: `${answer.code} (${answer.call})`, where });
  }
  if (answer.fault !== undefined || answer.bytes !== size) {
    const actual = answer.fault ?? String(answer.bytes);
    throw new FormatError('zip entry', { expected: `${size} bytes when inflated`, actual, where });
  }
  if (answer.sum === sum) return;
  const hex = (value = 0) => value.toString(16).padStart(8, '0');
  throw new FormatError('CRC-32', { expected: hex(sum), actual: hex(answer.sum), where });
}

const OURS = `.hybrid-ecg-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;

/** Where there is room and permission; what killed processes of this machine have left there goes. */
function folderFor(archive: string, size: number, processes = 1): string {
  const bytes = processes * size + RESERVE_BYTES;
  const seen: string[] = [];
  for (const folder of [dirname(archive), tmpdir()]) {
    try {
      accessSync(folder, constants.W_OK);
      for (const name of readdirSync(folder)) {
        if (name.startsWith(OURS) && !runs(Number.parseInt(name.slice(OURS.length), 10))) {
          rmSync(join(folder, name), { force: true });
        }
      }
      const { bavail, bsize } = statfsSync(folder);
      if (bavail * bsize >= bytes) return folder;
      seen.push(`${Math.floor((bavail * bsize) / 1e6)} MB in ${folder}`);
    } catch (cause) {
      seen.push(`${(cause as NodeJS.ErrnoException).code ?? cause} in ${folder}`);
    }
  }
  const by = processes === 1 ? '' : `, by ${processes} processes at once`;
  const expected = `${Math.ceil(bytes / 1e6)} MB to unpack to${by}`;
  throw new MachineError('free space', { expected, actual: seen.join(', '), where: { file: archive } });
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
