import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Checksum } from './remote-file';

/**
 * Hashes a file of any size.
 *
 * @param options.onBytes called with the bytes read since the last call
 * @returns hexadecimal, lower case
 */
export async function hashFile(
  path: string,
  options: {
    readonly algorithm: Checksum['algorithm'];
    readonly onBytes?: (bytes: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<string> {
  const { algorithm, onBytes, signal } = options;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    onBytes?.((chunk as Buffer).length);
  }
  return hash.digest('hex');
}

/** How a checksum is named in messages. */
export function algorithmName(algorithm: Checksum['algorithm']): string {
  return algorithm === 'sha256' ? 'SHA-256' : 'MD5';
}
