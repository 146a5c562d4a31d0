import type { Checksum } from './remote-file';

/** How a checksum is named in messages. */
export function algorithmName(algorithm: Checksum['algorithm']): string {
  return algorithm === 'sha256' ? 'SHA-256' : 'MD5';
}
