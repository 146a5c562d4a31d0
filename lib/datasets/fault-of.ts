import { KitError } from '../errors';

/** A value, or the error of the kit that came instead. */
export type Outcome<T> =
  | { readonly value: T; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: KitError };

/** Runs `act`; an error of the kit comes back instead of being thrown, all others are thrown. */
export function faultOf<T>(act: () => T): Outcome<T> {
  try {
    return { value: act() };
  } catch (fault) {
    if (!(fault instanceof KitError)) throw fault;
    return { fault };
  }
}
