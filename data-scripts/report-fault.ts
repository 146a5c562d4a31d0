import { inspect } from 'node:util';
import { KitError, printable } from 'hybrid-ecg';

/** Prints what went wrong, in a line where the kit knows it; returns the exit code. */
export function reportFault(fault: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    console.error('stopped; run the same command again to finish (what is finished is kept where it can be)');
    return 130;
  }
  console.error(fault instanceof KitError ? fault.message : printable(inspect(fault)));
  return 1;
}
