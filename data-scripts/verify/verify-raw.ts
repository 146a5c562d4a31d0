import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FileTree, openFileTree } from 'hybrid-ecg';
import { readDownloadRecord } from '../download/download-record';
import { SHA256_LIST } from '../sources/physionet';
import type { Findings } from './findings';
import { verifyList } from './verify-list';
import { verifyRecord } from './verify-record';

/** How a publisher's files compare with the publisher's list. */
export interface RawReport {
  /** What they were compared with, in words. */
  readonly against: string;
  readonly findings: Findings;
}

/** Options of `verifyRaw`. */
export interface VerifyRawOptions {
  /** Called with files or bytes, whichever the list counts. */
  readonly onProgress?: (done: number, total: number, unit: 'files' | 'bytes') => void;
  readonly signal?: AbortSignal;
}

/**
 * Compares a publisher's files with the publisher's list: the list of SHA-256 in them, or beside the zip that they are
 * in; else what was noted when they were downloaded.
 *
 * @param place the folder, or the zip
 * @returns undefined where there is no list
 * @throws MissingFileError when there is nothing at the place; FormatError when the list or the zip is damaged
 */
export async function verifyRaw(place: string, options: VerifyRawOptions = {}): Promise<RawReport | undefined> {
  const { onProgress, signal } = options;
  const files = await openFileTree(place);
  try {
    const list = listFor(place, files);
    if (list !== undefined) {
      const onFiles = onProgress && ((done: number, total: number) => onProgress(done, total, 'files'));
      const findings = await verifyList(files, list.bytes, { file: list.file, onProgress: onFiles, signal });
      return { against: list.words, findings };
    }
  } finally {
    files.close();
  }
  const folder = statSync(place).isDirectory() ? place : dirname(place);
  const record = readDownloadRecord(folder);
  if (record === undefined) return undefined;
  const onBytes = onProgress && ((done: number, total: number) => onProgress(done, total, 'bytes'));
  const findings = await verifyRecord(folder, record, { onProgress: onBytes, signal });
  return { against: 'the publisher’s sizes and checksums, noted when they were downloaded', findings };
}

/** The list that the publisher's server gave counts before one that came in the same zip. */
function listFor(place: string, files: FileTree): { bytes: Buffer; file: string; words: string } | undefined {
  const beside = join(dirname(place), SHA256_LIST);
  if (statSync(place).isFile() && existsSync(beside)) {
    return { bytes: readFileSync(beside), file: beside, words: `the publisher’s ${SHA256_LIST}` };
  }
  if (!files.has(SHA256_LIST)) return undefined;
  const words = `the ${SHA256_LIST} in ${basename(place)}`;
  return { bytes: files.read(SHA256_LIST), file: files.show(SHA256_LIST), words };
}
