import * as errors from './errors';
import { KitError } from './errors';

/** An error by its fields; `tag` is undefined for a fault of the program. */
export interface SentFault {
  readonly tag: string | undefined;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly where: KitError['where'];
}

/** An error as a message between processes. */
export function sentFault(error: unknown): SentFault {
  if (!(error instanceof KitError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { tag: undefined, message, expected: '', actual: '', where: {} };
  }
  const { tag, message, expected, actual, where } = error;
  return { tag, message, expected, actual, where };
}

/** The error of a fault: of the class that it had, with its message. */
export function receivedFault({ tag, message, expected, actual, where }: SentFault): Error {
  if (tag === undefined) return new Error(message);
  const classes = errors as unknown as Record<string, new (what: string, details: object) => KitError>;
  const details = { expected, actual, where };
  const error = tag in classes ? new classes[tag](message, details) : new KitError(tag, message, details);
  return Object.assign(error, { message });
}
