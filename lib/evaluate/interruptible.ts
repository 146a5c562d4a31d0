import { setImmediate } from 'node:timers/promises';

/** A long computation that yields where it may be interrupted. */
export type Interruptible<Result> = Generator<undefined, Result, undefined>;

/** How long a computation keeps the process to itself, ms; longer only when it yields less often. */
const SLICE_MS = 50;

/** Runs a computation at one go. */
export function runToEnd<Result>(work: Interruptible<Result>): Result {
  let state = work.next();
  while (!state.done) state = work.next();
  return state.value;
}

/**
 * Runs a computation in slices of some 50 ms, between which timers, signals and messages get their turn.
 *
 * @param options.signal stops it where it yields next
 * @returns rejected with the signal's reason when it was stopped
 */
export async function runInSlices<Result>(
  work: Interruptible<Result>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Result> {
  let since = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const state = work.next();
    if (state.done) return state.value;
    if (performance.now() - since < SLICE_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}
