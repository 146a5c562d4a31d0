import * as errors from './errors';
import { KitError } from './errors';

/** An error by its fields; `tag` is undefined for a fault of the program. */
export interface SentFault {
  readonly tag: string | undefined;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly where: KitError['where'];
  /** What its class has beside these, such as the step of a `DivergedError`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A class of errors whose tag is its name. */
type ErrorClass = { readonly name: string; readonly prototype: KitError };

/** An error as a message between processes or threads; its cause stays behind. */
export function sentFault(error: unknown): SentFault {
  if (!(error instanceof KitError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { tag: undefined, message, expected: '', actual: '', where: {}, fields: {} };
  }
  const { tag, name, expected, actual, where, ...fields } = error;
  return { tag, message: error.message, expected, actual, where, fields };
}

/**
 * The error of a fault, with its message and fields.
 *
 * @param classes that the sender may throw, beside those of `lib/errors`; an error of another class comes as a `KitError`
 *   of its tag
 */
export function receivedFault(
  { tag, message, expected, actual, where, fields }: SentFault,
  classes: readonly ErrorClass[] = [],
): Error {
  if (tag === undefined) return new Error(message);
  const error = new KitError(tag, message, { expected, actual, where });
  const known = [...Object.values<ErrorClass>(errors), ...classes].find(({ name }) => name === tag);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  return Object.assign(error, fields, { message });
}
