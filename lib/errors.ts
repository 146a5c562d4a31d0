/** C0 and C1 controls but tab and line feed, separators of lines, and marks that change the direction of text. */
const UNPRINTABLE = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text that is safe on a terminal: controls and marks of direction are written as escapes, such as `\\u001b`.
 *
 * A name in a file may hold sequences that move the cursor, recolour or reorder what a terminal shows.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Every error of the kit says what was expected, what was found, and where.
 *
 * `tag` is a literal that a program can switch on; `where` names the file, record and lead that it is about. The message
 * is `printable`; the fields hold what was found.
 */
export class KitError<Tag extends string = string> extends Error {
  readonly tag: Tag;
  readonly expected: string;
  readonly actual: string;
  readonly where: Readonly<Where>;

  constructor(tag: Tag, what: string, details: { expected: string; actual: string; where?: Where; cause?: unknown }) {
    const { expected, actual, where = {}, cause } = details;
    const message = printable(`${place(where)}${what}: expected ${expected}, got ${actual}`);
    super(message, cause === undefined ? undefined : { cause });
    this.name = tag;
    this.tag = tag;
    this.expected = expected;
    this.actual = actual;
    this.where = where;
  }
}

/** Where a fault lies; only what is known is set. */
export interface Where {
  file?: string;
  record?: string;
  lead?: string;
  line?: number;
  /** Of a text, characters from 1; of a table, its name is the `key`. */
  column?: number;
  row?: number;
  key?: string;
}

function place(where: Where): string {
  const parts = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (key === 'file' ? String(value) : `${key} ${value}`));
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}

/** Bytes of a file, or its text, that are not what the format asks for. */
export class FormatError extends KitError<'FormatError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('FormatError', what, details);
  }
}

/** A record that is whole, as far as can be seen, and of which no ECG can be made: `reason` is that of its rejection. */
export class UnusableSignalError extends FormatError {
  readonly reason: 'not-a-voltage' | 'ambiguous-lead';

  constructor(
    what: string,
    details: { reason: UnusableSignalError['reason'] } & ConstructorParameters<typeof KitError>[2],
  ) {
    super(what, details);
    this.reason = details.reason;
  }
}

/** A file or folder that should be there and is not. */
export class MissingFileError extends KitError<'MissingFileError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('MissingFileError', what, details);
  }
}

/** A setting, an argument or a shape that a function cannot accept. */
export class ArgumentError extends KitError<'ArgumentError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('ArgumentError', what, details);
  }
}

/** A score that its inputs leave undefined: one class only, NaN, empty, lengths that differ. */
export class UndefinedMetricError extends KitError<'UndefinedMetricError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('UndefinedMetricError', what, details);
  }
}

/** Something kept on disk (a cache, a store, a run folder) that another version or a fault has made unusable. */
export class StaleError extends KitError<'StaleError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('StaleError', what, details);
  }
}

/** The disk refused a write: full, read-only, or no permission. */
export class StorageError extends KitError<'StorageError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('StorageError', what, details);
  }
}
