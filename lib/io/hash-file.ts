import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * Hashes a file of any size.
 *
 * @param options.algorithm default SHA-256
 * @param options.onBytes called with the bytes read since the last call
 * @param options.signal stops it
 * @returns hexadecimal, lower case
 */
export async function hashFile(
  path: string,
  options: {
    readonly algorithm?: 'sha256' | 'md5';
    readonly onBytes?: (bytes: number) => void;
    readonly signal?: AbortSignal;
  } = {},
): Promise<string> {
  const { algorithm = 'sha256', onBytes, signal } = options;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    onBytes?.((chunk as Buffer).length);
  }
  return hash.digest('hex');
}
