import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { ArgumentError, FormatError, type Where } from '../errors';

/** What is decoded, for errors, and how. */
export interface TextOptions {
  /** Such as `CSV`. */
  readonly what: string;
  readonly where?: Where;
  /** A label of the WHATWG's Encoding Standard, such as `windows-1252`; default UTF-8. A byte order mark overrides it. */
  readonly encoding?: string;
}

const MARKS: readonly [encoding: string, mark: readonly number[]][] = [
  ['UTF-32LE', [0xff, 0xfe, 0, 0]], // begins as UTF-16LE does
  ['UTF-32BE', [0, 0, 0xfe, 0xff]],
  ['UTF-8', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];
/** What programs of DOS put after the end of a text. */
const DOS_END = 0x1a;

/**
 * Decodes a text file, byte for byte: nothing that cannot be decoded is replaced.
 *
 * A byte order mark says that a file is UTF-8 or UTF-16, and is taken off, as is each Ctrl-Z at the end.
 *
 * @throws FormatError, with line and column, at the first bytes that the encoding does not allow; when the file is UTF-32,
 *   or UTF-16 without a byte order mark and `encoding` does not say so
 * @throws ArgumentError when `encoding` is unknown
 */
export function decodeText(bytes: Buffer, options: TextOptions): string {
  return utf8Bytes(bytes, options).toString('utf8');
}

/** As `decodeText`, but the text stays bytes of UTF-8, which may be longer than the longest string. */
export function utf8Bytes(bytes: Buffer, options: TextOptions): Buffer {
  const [marked, mark = []] = MARKS.find(([, each]) => each.every((byte, i) => bytes[i] === byte)) ?? [];
  const { what, where, encoding = 'UTF-8' } = options;
  const named = decoderFor(encoding, options);
  const decoder = marked === undefined ? named : decoderFor(marked, options);
  const body = bytes.subarray(mark.length);
  if (decoder.encoding !== 'utf-8') return withoutDosEnd(Buffer.from(decoded(decoder, body, options), 'utf8'));
  const unmarked = marked === undefined ? utf16Of(body) : undefined;
  if (unmarked !== undefined) {
    const expected = `UTF-8, or a byte order mark, or the encoding ${unmarked.toLowerCase()} named`;
    throw new FormatError(what, { expected, actual: `${unmarked} without a byte order mark`, where });
  }
  if (!isUtf8(body)) throw undecodable(decoder, body, options);
  return withoutDosEnd(body);
}

/**
 * Text of a field of fixed length.
 *
 * @returns undefined when the bytes are not UTF-8
 */
export function utf8Text(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') : undefined;
}

/** Windows-1252, which is Latin-1 with letters and signs in place of control characters: every byte has a meaning. */
export function decodeWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]);
}
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function decoderFor(encoding: string, { what, where }: TextOptions): TextDecoder {
  if (encoding.startsWith('UTF-32')) {
    throw new FormatError(what, { expected: 'UTF-8 or UTF-16', actual: encoding, where });
  }
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  } catch (cause) {
    const expected = 'a name of the Encoding Standard, such as utf-8, windows-1252 or shift_jis';
    throw new ArgumentError('encoding', { expected, actual: `'${encoding}'`, cause });
  }
}

function decoded(decoder: TextDecoder, bytes: Buffer, options: TextOptions): string {
  if (decoder.encoding === 'windows-1252') return decodeWindows1252(bytes); // Node 20 takes it for Latin-1
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw undecodable(decoder, bytes, options);
  }
}

/** Names the first byte that cannot be decoded, which a search by halves finds. */
function undecodable({ encoding }: TextDecoder, bytes: Buffer, { what, where }: TextOptions): FormatError {
  const before = (end: number, stream = true) => {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end), { stream });
    } catch {
      return undefined;
    }
  };
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (before(middle) === undefined) bad = middle;
    else good = middle;
  }
  while (before(good, false) === undefined) good--; // to where the letter begins
  const lines = (before(good) ?? '').split(/\r\n|\r|\n/);
  const place = { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
  const actual = `byte 0x${bytes[good].toString(16).padStart(2, '0')}, which has no meaning there`;
  const expected = encoding === 'utf-8' ? 'UTF-8, or its encoding named, such as windows-1252' : encoding.toUpperCase();
  return new FormatError(what, { expected, actual, where: { ...where, ...place } });
}

/** UTF-16 by the zeros of the two characters of ASCII that a table or a document begins with. */
function utf16Of(bytes: Buffer): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (bytes.length < 4) return undefined;
  const zeros = [0, 1, 2, 3].map((i) => Number(bytes[i] === 0)).join('');
  return zeros === '0101' ? 'UTF-16LE' : zeros === '1010' ? 'UTF-16BE' : undefined;
}

function withoutDosEnd(bytes: Buffer): Buffer {
  let { length } = bytes;
  while (length > 0 && bytes[length - 1] === DOS_END) length--;
  return bytes.subarray(0, length);
}
