import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type FileTree, KitError, MissingFileError } from 'hybrid-ecg';
import { countLines, listedFiles } from './checksum-list';
import { Findings } from './findings';

/**
 * Compares a publisher's files, in a folder or a zip, with the publisher's list of SHA-256.
 *
 * @param files the publisher's files
 * @param list the list
 * @param options.file name of the list for errors
 */
export async function verifyList(
  files: FileTree,
  list: Buffer,
  options: {
    readonly file: string;
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Findings> {
  const { file, onProgress, signal } = options;
  const total = countLines(list);
  const findings = new Findings();
  for (const { name, sha256 } of listedFiles(list, { file })) {
    compare(files, { name, sha256 }, findings);
    onProgress?.(findings.files, total);
    if (findings.files % 64 === 0) {
      signal?.throwIfAborted();
      await setImmediate(); // lets signals in
    }
  }
  return findings;
}

function compare(files: FileTree, { name, sha256 }: { name: string; sha256: string }, findings: Findings): void {
  let bytes: Buffer;
  try {
    bytes = files.read(name);
  } catch (fault) {
    if (fault instanceof MissingFileError) findings.missing(name);
    else if (fault instanceof KitError) findings.damaged(name, fault.message);
    else throw fault;
    return;
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) findings.whole(name, bytes.length);
  else findings.damaged(name, `SHA-256 ${found} in place of ${sha256}`);
}
