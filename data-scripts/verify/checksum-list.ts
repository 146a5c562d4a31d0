import { isUtf8 } from 'node:buffer';
import { FormatError } from 'hybrid-ecg';

/** A line of a list of SHA-256, as `sha256sum` and PhysioNet write it. */
export interface ListedFile {
  readonly sha256: string;
  /** Relative to the list's folder. */
  readonly name: string;
}

/**
 * Reads a list of SHA-256 line by line: a hash, blanks (or ` *`), a name. It may have millions of lines.
 *
 * @param bytes the list, UTF-8
 * @param options.file name for errors
 * @throws FormatError when a line is no such line
 */
export function* listedFiles(bytes: Buffer, { file }: { readonly file: string }): Generator<ListedFile> {
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    const own = bytes.subarray(start, end);
    start = end + 1;
    line++;
    if (!isUtf8(own)) {
      throw new FormatError('list of SHA-256', {
        expected: 'UTF-8',
        actual: 'bytes that are not UTF-8',
        where: { file, line },
      });
    }
    const text = own.toString('utf8').replace(/\r$/, '');
    if (text.trim() === '') continue;
    const found = /^([0-9a-f]{64})\s+\*?(\S.*)$/i.exec(text);
    if (found === null) {
      const actual = `'${text.slice(0, 80)}'`;
      throw new FormatError('list of SHA-256', { expected: 'a hash and a name', actual, where: { file, line } });
    }
    yield { sha256: found[1].toLowerCase(), name: found[2].replace(/^\.\//, '') };
  }
}

/** Lines of a list. */
export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? lines + 1 : lines;
}
