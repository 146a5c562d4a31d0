import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError, hashFile, lockFolder, StaleError } from 'hybrid-ecg';
import type { DatasetSource, OpenAccess } from '../sources/dataset-source';
import { algorithmName } from './algorithm-name';
import { credentialsFromEnvironment } from './credentials';
import { AccessError, ChecksumError } from './download-errors';
import { type DownloadFileOptions, downloadFile } from './download-file';
import { type DownloadedFile, readDownloadRecord, recordDownload } from './download-record';
import { type DownloadProgress, DownloadTally, expectedBytes, sizeOf } from './download-tally';
import { fetchText } from './fetch-text';
import { requireSpace } from './free-space';
import type { Network } from './network';
import type { RemoteFile } from './remote-file';
import type { Patience } from './retries';
import { unpackZip } from './unpack-zip';

/** Options of `downloadDataset`. */
export interface DownloadOptions {
  /** Files under way at a time, >= 1; default 3. */
  readonly atATime?: number;
  /** Leave zips of HDF5 files as they are; default false: they are unpacked and removed. */
  readonly zipped?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  readonly patience?: Patience;
  readonly stallMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called when a zip is whole, with its name; what comes back is called with the bytes unpacked of it so far, and all. */
  readonly onUnpack?: (name: string) => (done: number, total: number) => void;
  /** Called with a line on something that a user should know of: a wait, a file that is whole. */
  readonly onEvent?: (line: string) => void;
}

/** What a download brought. */
export interface Downloaded {
  readonly files: readonly DownloadedFile[];
  /** Bytes that came in this call. */
  readonly bytes: number;
  /** Whether all was here before. */
  readonly existed: boolean;
}

/**
 * Downloads a dataset into a folder: each file checked against the publisher's checksum before it gets its name, zips of
 * HDF5 files unpacked. What an earlier call brought is not fetched again; `download.json` beside it says what that is.
 *
 * @throws AccessError where the publisher gives the data to some only
 * @throws DownloadError, ChecksumError when a file cannot be had, or not right
 * @throws StorageError when the disk has no room, before the first byte where sizes are known
 */
export async function downloadDataset(
  source: DatasetSource,
  folder: string,
  network: Network,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { access } = source;
  if (access.kind === 'restricted') throw restricted(source, access.instructions);
  const { atATime = 3 } = options;
  if (!(Number.isInteger(atATime) && atATime >= 1)) {
    throw new ArgumentError('files at a time', { expected: 'a whole number >= 1', actual: String(atATime) });
  }
  const shared = sharedOptions(access, options);
  const read = (url: string) => fetchText(url, network, shared);
  const listed = await access.files(read);
  const files = options.zipped ? listed.map((file) => ({ ...file, unpack: false, aboutUnpacked: 0 })) : listed;
  const unlock = lockFolder(folder);
  try {
    requireSame(source, folder);
    const missing = files.filter((file) => !isWhole(folder, file));
    removeLeftovers(
      folder,
      files.filter((file) => file.unpack && !missing.includes(file)),
    );
    await requireSpace(folder, spaceFor(folder, missing, atATime));
    const tally = new DownloadTally(folder, missing, options.onProgress);
    const queue = [...missing];
    const stop = new AbortController();
    const signal = shared.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, shared.signal]);
    const worker = async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        await getFile({ source, file, folder, network, tally, options, shared: { ...shared, signal } });
      }
    };
    const workers = Array.from({ length: Math.min(atATime, missing.length) }, () =>
      worker().catch((fault) => {
        stop.abort(fault); // the others stop too, and keep what they have
        throw fault;
      }),
    );
    const ended = await Promise.allSettled(workers);
    shared.signal?.throwIfAborted();
    if (stop.signal.aborted) throw stop.signal.reason;
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    return {
      files: readDownloadRecord(folder)?.files ?? [],
      bytes: tally.done - tally.resumed,
      existed: missing.length === 0,
    };
  } finally {
    unlock();
  }
}

/** Removes what calls that were killed have left: a note half taken, a zip that is unpacked. */
function removeLeftovers(folder: string, unpacked: readonly RemoteFile[]): void {
  for (const name of readdirSync(folder)) {
    if (/^(download|.*\.part)\.json\.\d+\.part$/.test(name)) rmSync(join(folder, name), { force: true });
  }
  for (const { name } of unpacked) rmSync(join(folder, name), { force: true });
}

/** @throws StaleError when another dataset was downloaded into the folder */
function requireSame({ dataset }: DatasetSource, folder: string): void {
  const there = readDownloadRecord(folder)?.dataset ?? dataset;
  if (there === dataset) return;
  const expected = `none yet, or that of ${dataset}: name another folder`;
  throw new StaleError('dataset of the folder', { expected, actual: there, where: { file: folder } });
}

type SharedOptions = Omit<DownloadFileOptions, 'onSize'>;

function sharedOptions(access: OpenAccess, options: DownloadOptions): SharedOptions {
  const { environment = process.env, patience, stallMs, signal, onEvent } = options;
  return {
    credentials: access.credentials && credentialsFromEnvironment(access.credentials, environment),
    howToApply: access.howToApply,
    patience,
    stallMs,
    signal,
    onWait: (reason, waitMs) => onEvent?.(waitWords(reason, waitMs)),
  };
}

function waitWords(reason: string, waitMs: number): string {
  return `${reason}; ${waitMs < 500 ? 'again' : `again in ${Math.round(waitMs / 1000)} s`}`;
}

function restricted({ dataset, page }: DatasetSource, instructions: readonly string[]): AccessError {
  return new AccessError(`download of ${dataset}`, {
    expected: 'open access',
    actual: ['data for approved projects only', ...instructions].join('\n'),
    where: { file: page },
  });
}

/**
 * Whether a file is here: recorded, and of the recorded size, or what came out of it is. `verify` hashes.
 *
 * @throws StaleError when a file has its name and not its size
 */
function isWhole(folder: string, file: RemoteFile): boolean {
  const recorded = readDownloadRecord(folder)?.files.find(({ name }) => name === file.name);
  if (recorded?.unpacked?.every(({ name, bytes }) => sizeOf(join(folder, name)) === bytes)) return true;
  const size = sizeOf(join(folder, file.name));
  if (size === undefined) return false;
  const bytes = file.bytes ?? recorded?.bytes;
  if (size === bytes) return recorded !== undefined && file.unpack !== true;
  if (bytes === undefined) return false;
  throw new StaleError('size', {
    expected: `${bytes.toLocaleString('en-US')} bytes; remove the file to download it again`,
    actual: size.toLocaleString('en-US'),
    where: { file: join(folder, file.name) },
  });
}

/** Bytes that a download still needs: what must come, and what is unpacked, with the zips that lie beside it meanwhile. */
function spaceFor(folder: string, files: readonly RemoteFile[], atATime: number): number {
  const rest = (file: RemoteFile) => {
    const path = join(folder, file.name);
    if (sizeOf(path) !== undefined) return 0; // put here by hand, or to be unpacked: it does not come again
    return Math.max(0, expectedBytes(file) - (sizeOf(`${path}.part`) ?? 0));
  };
  const plain = files.filter((file) => !file.unpack).reduce((sum, file) => sum + rest(file), 0);
  const zips = files.filter((file) => file.unpack);
  const beside = zips
    .map(rest)
    .sort((a, b) => b - a)
    .slice(0, atATime)
    .reduce((sum, bytes) => sum + bytes, 0);
  return zips.reduce((sum, { aboutUnpacked = 0 }) => sum + aboutUnpacked, plain + beside);
}

/** A file that was put here by hand, or whose call was killed before it could note it. */
async function requireRight(path: string, { checksum }: RemoteFile, signal?: AbortSignal): Promise<void> {
  if (checksum === undefined) return;
  const { algorithm, value } = checksum;
  const found = await hashFile(path, { algorithm, signal });
  if (found === value) return;
  const expected = `${value}; remove the file to download it again`;
  throw new ChecksumError(algorithmName(algorithm), { expected, actual: found, where: { file: path } });
}

interface Getting {
  readonly source: DatasetSource;
  readonly file: RemoteFile;
  readonly folder: string;
  readonly network: Network;
  readonly tally: DownloadTally;
  readonly options: DownloadOptions;
  readonly shared: SharedOptions;
}

async function getFile({ source, file, folder, network, tally, options, shared }: Getting): Promise<void> {
  const path = join(folder, file.name);
  const { onEvent, onUnpack } = options;
  if (sizeOf(path) !== undefined) await requireRight(path, file, shared.signal);
  else {
    await downloadFile(file, path, network, {
      ...shared,
      onSize: (size) => tally.set(file, size),
      onWait: (reason, waitMs) => onEvent?.(`${file.name}: ${waitWords(reason, waitMs)}`),
    });
  }
  const bytes = sizeOf(path) ?? 0;
  const entry: DownloadedFile = {
    name: file.name,
    url: file.urls[0],
    bytes,
    checksum: file.checksum,
    at: new Date().toISOString(),
  };
  recordDownload(folder, source.dataset, entry);
  if (!file.unpack) return;
  onEvent?.(`${file.name} is whole; unpacking it`);
  const unpacked = await unpackZip(path, folder, { signal: shared.signal, onProgress: onUnpack?.(file.name) });
  recordDownload(folder, source.dataset, { ...entry, unpacked });
  rmSync(path);
}
