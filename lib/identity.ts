import { ArgumentError, FormatError, type Where } from './errors';

/** How pandas, NumPy, R, SQL, JavaScript and people write that a value is missing; compared in lower case. */
const MISSING: ReadonlySet<string> = new Set([
  ...['nan', '-nan', 'nat', '<na>', 'na', 'n/a', '#n/a', '#na', '#n/a n/a', 'na_character_', 'na_integer_'],
  ...['null', '(null)', '[null]', '<null>', '\\n', 'none', 'nil', 'undefined', 'missing', '<missing>', 'unknown'],
  ...['1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', '1.#inf', '-1.#inf', 'inf', '+inf', '-inf', 'infinity', '-infinity'],
]);
/** What a spreadsheet shows in place of a value: `#REF!`, `#NAME?`. */
const SPREADSHEET_ERROR = /^#[a-z0-9_/]+[!?]$/i;
/** -1, -9, -99 to -99999: codes of statistics programs, and of IKEM. */
const MISSING_CODE = /^-(?:1|9{1,5})(?:\.0{1,9})?$/;

const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+e[+-]?|e[+-])\d+$/i;

/** As spreadsheets write them; `MAR-04` may be a site's patient. */
const MONTH = '(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)';
const [DAY_NUMBER, MONTH_NUMBER, YEAR] = ['(?:0?[1-9]|[12]\\d|3[01])', '(?:0?[1-9]|1[0-2])', '(?:19|20)\\d\\d'];
const TIME = '(?:[ T]\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)?';
/** `4-Mar`, `Mar-04`, `04-Mar-2021`; `3/4/2021`, `03.04.2021`, `2021-03-04 00:00:00`. */
const DATE = new RegExp(
  [
    `^${DAY_NUMBER}[- ]${MONTH}(?:[- ](?:${YEAR}|\\d\\d))?$`,
    `^${MONTH}[- ](?:${YEAR}|\\d\\d)$`,
    `^${DAY_NUMBER}/${DAY_NUMBER}/(?:${YEAR}|\\d\\d)${TIME}$`,
    `^\\d\\d\\.\\d\\d\\.${YEAR}${TIME}$`,
    `^${YEAR}[-/]${MONTH_NUMBER}[-/]${DAY_NUMBER}${TIME}$`,
  ].join('|'),
);
/** A whole number that went through a column of floating-point numbers. */
const FLOAT = /^(\d{1,20})\.0{0,9}$/;

type Reading = { readonly id: string } | { readonly expected: string; readonly actual: string };

/**
 * Whether a cell says that its value is missing: it is empty, has neither letter nor digit, or is one of the spellings of
 * pandas, R, SQL and spreadsheets (`NaN`, `None`, `<NA>`, `NULL`, `#N/A`, `#REF!`, -1, -99).
 */
export function isMissing(text: string): boolean {
  const trimmed = text.trim();
  return (
    !/[\p{L}\p{N}]/u.test(trimmed) ||
    MISSING.has(trimmed.toLowerCase()) ||
    SPREADSHEET_ERROR.test(trimmed) ||
    MISSING_CODE.test(trimmed)
  );
}

/**
 * Reads the id of a patient or a record: text, kept as it is, leading zeros too.
 *
 * Only spellings of one id become one: blanks around it go, composed letters are used (NFC), and a whole number that
 * pandas wrote as a float loses its point (`15709.0`).
 *
 * @param what the column, for errors
 * @throws FormatError when the id is missing (see `isMissing`), was changed by a spreadsheet (`1.23457E+11`, `4-Mar`),
 *   or has a character that was lost (U+FFFD) or that nobody sees
 */
export function readIdentity(what: string, text: string, where: Where): string {
  const read = reading(text);
  if ('id' in read) return read.id;
  throw new FormatError(what, { ...read, where });
}

/**
 * Reads a publisher's id: a whole number of at most 15 digits, without leading zeros; as `15709.0` it loses its point.
 *
 * @throws FormatError when the id is not such a number
 */
export function wholeId(what: string, text: string, where: Where): string {
  const found = /^(0|[1-9]\d{0,14})(?:\.0{0,9})?$/.exec(text.trim());
  if (found !== null) return found[1];
  const read = reading(text);
  const actual = 'id' in read ? `'${text.slice(0, 40)}'` : read.actual;
  throw new FormatError(what, { expected: 'a whole number', actual, where });
}

/**
 * The groups that rows belong to, such as patients; two spellings of one id (see `readIdentity`) are one group.
 *
 * @param groups [row] its group
 * @param what they are, for errors
 * @returns [row] the number of its group, in the order of first appearance
 * @throws ArgumentError, with the row, when a group is missing or no identity, as in `readIdentity`
 */
export function numberGroups(groups: ArrayLike<string | number>, what = 'group'): Uint32Array {
  const numbers = new Map<string | number, number>();
  const named = new Map<string, number>();
  return Uint32Array.from(groups, (group, row) => {
    const known = numbers.get(group);
    if (known !== undefined) return known;
    const read = reading(group);
    if (!('id' in read)) throw new ArgumentError(what, { ...read, where: { row } });
    const number = named.get(read.id) ?? named.size;
    named.set(read.id, number);
    numbers.set(group, number);
    return number;
  });
}

/**
 * The rows of each group.
 *
 * @returns [group][] its rows, ascending; groups in the order of first appearance
 * @throws as `numberGroups`
 */
export function rowsOfGroups(groups: ArrayLike<string | number>, what?: string): number[][] {
  const rows: number[][] = [];
  numberGroups(groups, what).forEach((group, row) => {
    if (group === rows.length) rows.push([row]);
    else rows[group].push(row);
  });
  return rows;
}

function reading(given: string | number): Reading {
  const text = typeof given === 'string' ? given : String(given ?? '');
  const shown = `'${text.slice(0, 40)}'`;
  const id = text.trim().normalize('NFC');
  if (isMissing(text)) {
    const cure = 'where nobody knows it, give the ECG one of its own, such as its record’s name';
    return { expected: 'an id', actual: `${shown}, a missing one: ${cure}` };
  }
  if (id.includes('\ufffd')) {
    const expected = 'the id as it was, in a file that was saved anew from its source';
    return { expected, actual: `${shown}, of which a letter was lost` };
  }
  if (/[\p{Cc}\u200b\u2060\ufeff\u00ad]/u.test(id)) {
    return { expected: 'visible characters', actual: `${JSON.stringify(text.slice(0, 40))}, with one that is not` };
  }
  const asText = 'the id as it was entered, in a column that was saved as text';
  if (SCIENTIFIC.test(id)) return { expected: asText, actual: `${shown}, a rounded number` };
  if (DATE.test(id)) return { expected: asText, actual: `${shown}, a date` };
  const float = FLOAT.exec(id);
  const rounded =
    typeof given === 'number' || float !== null ? !(Math.abs(Number(id)) <= Number.MAX_SAFE_INTEGER) : false;
  if (rounded) return { expected: asText, actual: `${shown}, more digits than a float holds` };
  return { id: float?.[1] ?? id };
}
