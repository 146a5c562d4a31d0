import type { Response } from './network';
import type { PartFile, PartNote } from './part-file';
import type { RemoteFile } from './remote-file';
import { Interruption } from './retries';

/** What may stand in If-Range: an ETag that is not weak, else a date. */
export function strongValidator({ etag, lastModified }: PartNote): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
}

/** The bytes of an answer. */
export interface Range {
  readonly start: number;
  /** Bytes of the whole file, where the server says. */
  readonly whole: number | undefined;
}

/** The bytes of a 206. */
export function rangeOf(response: Response): Range {
  const found = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (found === null) return { start: -1, whole: undefined };
  return { start: Number(found[1]), whole: found[2] === '*' ? undefined : Number(found[2]) };
}

/** The bytes of a 200. */
export function lengthOf(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length !== null && /^\d{1,16}$/.test(length) ? Number(length) : undefined;
}

/** Whether a 206 goes on where the part ends, and is of the same file as far as can be seen. */
export function isContinuation(
  { headers }: Response,
  from: Range,
  part: PartFile,
  note: PartNote | undefined,
): boolean {
  const sameTag = note?.etag === undefined || (headers.get('etag') ?? note.etag) === note.etag;
  const sameSize = note?.bytes === undefined || from.whole === undefined || from.whole === note.bytes;
  return from.start === part.size && sameTag && sameSize;
}

/** A proxy's page, an error page or another file must not take the place of what is here. */
export function refuseOtherFile(file: RemoteFile, { headers }: Response, whole: number | undefined): void {
  if ((headers.get('content-type') ?? '').startsWith('text/html') && !/\.html?$/.test(file.name)) {
    throw new Interruption('the server answers a web page instead of the file');
  }
  if (file.bytes === undefined || whole === undefined || whole === file.bytes) return;
  const listed = file.bytes.toLocaleString('en-US');
  throw new Interruption(
    `the server offers ${whole.toLocaleString('en-US')} bytes where the publisher lists ${listed}`,
  );
}
