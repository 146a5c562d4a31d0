import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { hashFile } from 'hybrid-ecg';
import { algorithmName } from '../download/algorithm-name';
import type { DownloadRecord } from '../download/download-record';
import { Findings } from './findings';

/**
 * Compares a folder with the record of its download: the publisher's sizes and checksums, and for what came out of a
 * zip, the sizes and CRC-32 that the zip listed.
 *
 * @param options.onProgress called with bytes
 */
export async function verifyRecord(
  folder: string,
  record: DownloadRecord,
  options: {
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Findings> {
  const { onProgress, signal } = options;
  const findings = new Findings();
  const expected = record.files.flatMap(expectations);
  const total = expected.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    onProgress?.(done, total);
  };
  for (const { name, bytes, hash } of expected) {
    signal?.throwIfAborted();
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) findings.missing(name);
    else if (size !== bytes) findings.damaged(name, `${size} bytes in place of ${bytes}`);
    else {
      const damage = await hash?.(path, { onBytes, signal });
      if (damage === undefined) findings.whole(name, bytes);
      else findings.damaged(name, damage);
    }
  }
  return findings;
}

interface Expectation {
  readonly name: string;
  readonly bytes: number;
  /** What is wrong with the file's bytes; undefined where nothing is. */
  readonly hash?: (path: string, options: HashOptions) => Promise<string | undefined>;
}

interface HashOptions {
  readonly onBytes: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

function expectations({ name, bytes, checksum, unpacked }: DownloadRecord['files'][number]): Expectation[] {
  if (unpacked !== undefined) {
    return unpacked.map((file) => ({
      name: file.name,
      bytes: file.bytes,
      hash: async (path, options) => difference('CRC-32', await crcOfFile(path, options), hex(file.crc32)),
    }));
  }
  if (checksum === undefined) return [{ name, bytes }];
  const { algorithm, value } = checksum;
  const hash = async (path: string, options: HashOptions) =>
    difference(algorithmName(algorithm), await hashFile(path, { algorithm, ...options }), value);
  return [{ name, bytes, hash }];
}

function difference(what: string, found: string, expected: string): string | undefined {
  return found === expected ? undefined : `${what} ${found} in place of ${expected}`;
}

async function crcOfFile(path: string, { onBytes, signal }: HashOptions): Promise<string> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    sum = crc32(chunk as Buffer, sum);
    onBytes((chunk as Buffer).length);
  }
  return hex(sum);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
