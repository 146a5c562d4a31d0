import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { FormatError } from '../errors';
import { decodeText, decodeWindows1252 } from './decode-text';

/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements directly inside, in order. */
  readonly children: readonly XmlElement[];
  /** Text directly inside, without white space around it. */
  readonly text: string;
}

/** Deepest nesting that is read; those of ECG devices have six levels. */
const MAX_DEPTH = 32;
/** Largest document that is parsed, unless more is asked for. */
export const LARGEST_XML = 1 << 26;

/**
 * Parses an XML document, UTF-8, ISO-8859-1 or Windows-1252 as it declares.
 *
 * A document that declares entities of its own is refused: nested ones grow to gigabytes, and external ones read files.
 *
 * @param bytes the document
 * @param options.file name for errors
 * @param options.maxBytes largest document that is parsed; default 64 MiB
 * @returns the root element
 * @throws FormatError on another encoding, bytes that it does not allow, a document that is not well-formed, nested deeper
 *   than 32 levels, too large, or with a document type of its own
 */
export function parseXml(
  bytes: Buffer,
  options: { readonly file?: string; readonly maxBytes?: number } = {},
): XmlElement {
  const { file, maxBytes = LARGEST_XML } = options;
  const where = { file };
  if (bytes.length > maxBytes) {
    const expected = `at most ${maxBytes} bytes`;
    throw new FormatError('XML', { expected, actual: String(bytes.length), where });
  }
  const text = decode(bytes, file);
  if (/<!DOCTYPE[^<>[]*\[|<!ENTITY/i.test(text)) {
    throw new FormatError('XML', { expected: 'no document type of its own', actual: 'one', where });
  }
  let nodes: readonly Node[];
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) {
      const { msg, line } = valid.err;
      throw new FormatError('XML', { expected: 'a well-formed document', actual: msg, where: { file, line } });
    }
    nodes = PARSER.parse(text) as readonly Node[];
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const actual = (cause as Error).message;
    throw new FormatError('XML', { expected: 'a well-formed document', actual, where, cause });
  }
  const roots = nodes.flatMap((node) => elementOf(node) ?? []);
  if (roots.length === 1) return roots[0];
  throw new FormatError('XML', { expected: 'one root element', actual: String(roots.length), where });
}

/** The first element of a name directly inside another; undefined where there is none. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

const ATTRIBUTES = ':@';
const TEXT = '#text';

/** A node of the parser: one key that is the element's name, and perhaps its attributes; or its text. */
type Node = Readonly<Record<string, readonly Node[] | string | Readonly<Record<string, string>>>>;

const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true, // numbers of characters among them
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

function elementOf(node: Node): XmlElement | undefined {
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
  if (name === undefined || name === TEXT) return undefined;
  const inside = node[name] as readonly Node[];
  const text = inside
    .map((part) => part[TEXT])
    .filter((part) => typeof part === 'string')
    .join('');
  const attributes = (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>;
  return { name, attributes, children: inside.flatMap((part) => elementOf(part) ?? []), text: text.trim() };
}

const LATIN_1 = ['iso88591', 'latin1'];
const WINDOWS_1252 = ['windows1252', 'cp1252'];
const UTF_8 = ['utf8', 'usascii', 'ascii'];

function decode(bytes: Buffer, file: string | undefined): string {
  const mark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  const start = bytes.toString('latin1', mark ? 3 : 0, 256);
  const declared = /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"'>]+)["']/.exec(start)?.[1] ?? 'UTF-8';
  const encoding = declared.toLowerCase().replace(/[-_]/g, ''); // ISO8859-1 is seen too
  const where = { file };
  if (bytes[0] === 0xff || bytes[0] === 0xfe || ![...LATIN_1, ...WINDOWS_1252, ...UTF_8].includes(encoding)) {
    const actual = bytes[0] >= 0xfe ? 'UTF-16' : declared;
    throw new FormatError('encoding', { expected: 'UTF-8 or ISO-8859-1', actual, where });
  }
  if (WINDOWS_1252.includes(encoding) && !mark) return decodeWindows1252(bytes);
  if (LATIN_1.includes(encoding) && !mark) return bytes.toString('latin1');
  return decodeText(bytes, { what: 'encoding', where });
}
