/**
 * Every error of the kit says what was expected, what was found, and where.
 *
 * `tag` is a literal that a program can switch on; `where` names the file, record and lead that it is about.
 */
export class KitError<Tag extends string = string> extends Error {
  readonly tag: Tag;
  readonly expected: string;
  readonly actual: string;
  readonly where: Readonly<Where>;

  constructor(tag: Tag, what: string, details: { expected: string; actual: string; where?: Where; cause?: unknown }) {
    const { expected, actual, where = {}, cause } = details;
    super(`${place(where)}${what}: expected ${expected}, got ${actual}`, cause === undefined ? undefined : { cause });
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
