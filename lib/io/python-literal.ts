import { FormatError } from '../errors';

/** A value of a Python literal; a dict becomes an object, a list or tuple an array, None null. */
export type PythonValue = string | number | boolean | null | PythonValue[] | { [key: string]: PythonValue };

const NUMBER = /[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|nan)/y;
/** Deepest nesting that is read; headers of .npy files and codes of ECGs have two levels. */
const MAX_DEPTH = 32;
const WORDS: Readonly<Record<string, PythonValue>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\n': '' };

/**
 * Parses a Python literal, as `ast.literal_eval` does: the dict of PTB-XL's `scp_codes`, the header of a .npy file.
 *
 * Takes dicts (keys: strings or numbers), lists, tuples, strings in either quote, numbers, True, False and None.
 *
 * @param text such as `{'NORM': 100.0, 'SR': 0.0}`
 * @throws FormatError where the text is no such literal, with the position
 */
export function parsePythonLiteral(text: string): PythonValue {
  let at = 0;
  let depth = 0;
  const fault = (expected: string) =>
    new FormatError('Python literal', {
      expected: `${expected} at ${at}`,
      actual: at < text.length ? `'${text.slice(at, at + 20)}'` : 'the end',
    });
  const skip = () => {
    while (at < text.length && /\s/.test(text[at])) at++;
  };
  const take = (symbol: string): boolean => {
    skip();
    if (text[at] !== symbol) return false;
    at++;
    return true;
  };
  /** Takes items up to `close`; true when a comma came last. */
  const items = (close: string, item: () => void): boolean => {
    if (++depth > MAX_DEPTH) throw fault(`at most ${MAX_DEPTH} levels`);
    for (let first = true; !take(close); first = false) {
      if (!first) {
        if (!take(',')) throw fault(`',' or '${close}'`);
        if (take(close)) {
          depth--;
          return true;
        }
      }
      item();
    }
    depth--;
    return false;
  };
  const string = (mark: string): string => {
    let value = '';
    while (text[at] !== mark) {
      if (at >= text.length) throw fault(`a closing ${mark}`);
      if (text[at] === '\\') {
        const next = text[at + 1];
        value += ESCAPES[next] ?? next;
        at += 2;
      } else value += text[at++];
    }
    at++;
    return value;
  };
  const value = (): PythonValue => {
    skip();
    if (take('{')) {
      const entries: [string, PythonValue][] = [];
      items('}', () => {
        const key = value();
        if (typeof key !== 'string' && typeof key !== 'number') throw fault('a string or number as key before');
        if (!take(':')) throw fault("':'");
        entries.push([String(key), value()]);
      });
      return Object.fromEntries(entries);
    }
    const array: PythonValue[] = [];
    if (take('[')) {
      items(']', () => array.push(value()));
      return array;
    }
    if (take('(')) {
      const comma = items(')', () => array.push(value()));
      return array.length === 1 && !comma ? array[0] : array; // (x) is x, (x,) is a tuple
    }
    for (const mark of ["'", '"']) if (take(mark)) return string(mark);
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    if (number !== undefined) {
      at += number.length;
      const plain = number.replaceAll('_', '').replace('inf', 'Infinity');
      return Number(plain);
    }
    for (const [word, constant] of Object.entries(WORDS)) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return constant;
      }
    }
    throw fault('a dict, list, tuple, string, number, True, False or None');
  };
  const result = value();
  skip();
  if (at < text.length) throw fault('the end');
  return result;
}
