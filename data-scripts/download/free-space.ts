import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from 'hybrid-ecg';
import { byteCount } from '../progress-line';

/** A disk is not filled to its last byte. */
const RESERVE = 200e6;

/**
 * Makes sure that there is room for what is to come.
 *
 * @param folder where it goes; need not be there yet
 * @param bytes that are to be written
 * @throws StorageError when there is less free
 */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  if (bytes === 0 || free >= bytes + RESERVE) return;
  throw new StorageError('free space', {
    expected: `${byteCount(bytes + RESERVE)}`,
    actual: byteCount(free),
    where: { file: folder },
  });
}
