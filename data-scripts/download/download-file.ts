import { basename, dirname } from 'node:path';
import { hashFile } from 'hybrid-ecg';
import { byteCount } from '../progress-line';
import { algorithmName } from './algorithm-name';
import { isContinuation, lengthOf, rangeOf, refuseOtherFile, strongValidator } from './answered-range';
import { ChecksumError, type DownloadError } from './download-errors';
import { requireSpace } from './free-space';
import { connectionWords, type Network, NotFoundError, type RequestOptions, type Response } from './network';
import { PartFile, type PartNote } from './part-file';
import { type RemoteFile, shownUrl } from './remote-file';
import { Interruption, type Patience, withRetries } from './retries';
import { watchForStall } from './stall-watch';

/** Options of `downloadFile`. */
export interface DownloadFileOptions extends Omit<RequestOptions, 'headers'> {
  readonly patience?: Patience;
  /** Longest silence of the server, ms; default 60,000. */
  readonly stallMs?: number;
  /** Called with the bytes that are here: at the start, while they come, and when they must come again. */
  readonly onSize?: (bytes: number) => void;
  /** Called before a wait. */
  readonly onWait?: (reason: string, waitMs: number) => void;
}

/**
 * Downloads a file to `NAME.part`, checks it and gives it its name; goes on where an earlier call or try stopped.
 *
 * It goes on by Range, and If-Range with the ETag or the date that the first answer had (RFC 9110, 13.1.5 and 14.2): a
 * server whose file has changed sends it whole, and so does one that knows no ranges. Without ETag and date it goes on
 * only where the publisher's checksum tells in the end whether the halves belong together. Bytes that do not hash to it
 * are fetched once more from the beginning.
 *
 * @param file what to get
 * @param path where it goes
 * @throws AccessError, DownloadError, ChecksumError; StorageError when the disk is full
 */
export async function downloadFile(
  file: RemoteFile,
  path: string,
  network: Network,
  options: DownloadFileOptions = {},
): Promise<void> {
  const part = new PartFile(path);
  options.onSize?.(part.size);
  try {
    for (let again = false; ; again = true) {
      await fetchFromAny(file, part, network, options);
      const fault = await mismatch(file, part, options);
      if (fault === undefined) return await part.finish();
      await part.discard();
      options.onSize?.(0);
      if (again) throw fault;
      options.onWait?.('the bytes are not those of the publisher’s list', 0);
    }
  } finally {
    await part.close();
  }
}

async function fetchFromAny(
  file: RemoteFile,
  part: PartFile,
  network: Network,
  options: DownloadFileOptions,
): Promise<void> {
  for (const [i, url] of file.urls.entries()) {
    try {
      return await fetchWhole({ file, url, part, network, options });
    } catch (fault) {
      if (!(fault instanceof NotFoundError) || i === file.urls.length - 1) throw fault;
    }
  }
}

interface Fetching {
  readonly file: RemoteFile;
  readonly url: string;
  readonly part: PartFile;
  readonly network: Network;
  readonly options: DownloadFileOptions;
}

async function fetchWhole(fetching: Fetching): Promise<void> {
  const { url, part, options } = fetching;
  const { patience, signal, onWait } = options;
  let most = part.size;
  const progressed = () => {
    const more = part.size > most;
    most = Math.max(most, part.size);
    return more;
  };
  await withRetries(() => fetchRest(fetching), { url, patience, signal, onWait, progressed });
}

/** One request for the bytes that are not here yet. */
async function fetchRest({ file, url, part, network, options }: Fetching): Promise<void> {
  const note = part.note();
  const whole = file.bytes ?? note?.bytes;
  const validator = note && strongValidator(note);
  const goesOn = part.size > 0 && note?.url === url && (validator !== undefined || file.checksum !== undefined);
  if (goesOn && part.size === whole) return;
  const headers: Record<string, string> = {};
  if (goesOn && (whole === undefined || part.size < whole)) {
    headers.range = `bytes=${part.size}-`;
    if (validator !== undefined) headers['if-range'] = validator;
  }
  const stall = watchForStall(options.stallMs ?? 60_000, options.signal);
  try {
    const response = await network.open(url, { ...options, headers, signal: stall.signal });
    try {
      await receive(response, { file, url, part, note, options, beat: stall.beat });
    } finally {
      await response.body?.cancel().catch(() => {}); // lets go of the connection when not all was read
    }
  } finally {
    stall.stop();
    await part.close();
  }
}

interface Receiving {
  readonly file: RemoteFile;
  readonly url: string;
  readonly part: PartFile;
  readonly note: PartNote | undefined;
  readonly options: DownloadFileOptions;
  readonly beat: () => void;
}

async function receive(response: Response, { file, url, part, note, options, beat }: Receiving): Promise<void> {
  const { status, headers } = response;
  const from = status === 206 ? rangeOf(response) : { start: 0, whole: lengthOf(response) };
  if (status === 416 || (status === 206 && !isContinuation(response, from, part, note))) {
    await part.discard();
    options.onSize?.(0);
    throw new Interruption('the server’s file is not the one that began: it comes again from its beginning');
  }
  refuseOtherFile(file, response, from.whole);
  const whole = file.bytes ?? from.whole;
  await requireSpace(dirname(part.file), (whole ?? 0) - from.start);
  await part.start(
    {
      url,
      bytes: whole,
      etag: headers.get('etag') ?? undefined,
      lastModified: headers.get('last-modified') ?? undefined,
    },
    { keep: status === 206 },
  );
  options.onSize?.(part.size);
  try {
    for await (const chunk of response.body ?? []) {
      beat();
      if (whole !== undefined && part.size + chunk.length > whole) {
        throw new Interruption(`more bytes came than the ${byteCount(whole)} that the file has`);
      }
      await part.write(chunk);
      options.onSize?.(part.size);
    }
  } catch (fault) {
    options.signal?.throwIfAborted();
    if (fault instanceof Interruption || (fault as { tag?: string }).tag !== undefined) throw fault;
    throw new Interruption(`${connectionWords(fault)} at ${byteCount(part.size)}`, { cause: fault });
  }
  if (whole !== undefined && part.size < whole) {
    throw new Interruption(`the answer ended at ${byteCount(part.size)} of ${byteCount(whole)}`);
  }
}

async function mismatch(
  file: RemoteFile,
  part: PartFile,
  { signal }: DownloadFileOptions,
): Promise<DownloadError | ChecksumError | undefined> {
  if (file.checksum === undefined) return undefined;
  const { algorithm, value } = file.checksum;
  const found = await hashFile(part.file, { algorithm, signal });
  if (found === value) return undefined;
  return new ChecksumError(algorithmName(algorithm), {
    expected: `${value}, as the publisher lists`,
    actual: `${found}, twice; ${basename(part.file)} is removed`,
    where: { file: shownUrl(file.urls[0]) },
  });
}
