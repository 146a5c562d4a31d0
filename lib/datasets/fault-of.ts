import { KitError } from '../errors';
import { isOfTheMachine } from '../io/machine-error';

/** A value, or the error of the kit that came instead. */
export type Outcome<T> =
  | { readonly value: T; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: KitError };

/**
 * Runs `act`; an error of the kit comes back instead of being thrown. All others are thrown, and those of the machine: a
 * full disk says nothing about the data.
 */
export function faultOf<T>(act: () => T): Outcome<T> {
  try {
    return { value: act() };
  } catch (fault) {
    if (!(fault instanceof KitError) || isOfTheMachine(fault)) throw fault;
    return { fault };
  }
}
