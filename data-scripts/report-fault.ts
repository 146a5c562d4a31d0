import { KitError } from 'hybrid-ecg';

/** Prints what went wrong, in a line where the kit knows it; returns the exit code. */
export function reportFault(fault: unknown, signal: AbortSignal): number {
  if (signal.aborted) {
    console.error('stopped; the same command goes on where it stopped');
    return 130;
  }
  console.error(fault instanceof KitError ? fault.message : fault);
  return 1;
}
