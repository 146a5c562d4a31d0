import { expect } from 'vitest';

/** A quadratic reader takes longer for ten thousand characters on any machine. */
const AT_ONCE_MS = 4;
/** Four times the text takes a linear reader four times as long, a quadratic one sixteen times. */
const GROWTH = 9;
const TRIES = 4;

/** The time that work takes, ms, whatever it answers or throws. */
function timeOf(act: () => unknown): number {
  const start = performance.now();
  try {
    act();
  } catch {
    // a refusal takes time too
  }
  return performance.now() - start;
}

/**
 * Expects work to take time in proportion to its text, on a busy machine too: only a growth that comes back each time
 * counts, and none of work that is over at once.
 *
 * @param make gives the work for a text of about so many characters
 * @param size of the smaller text, characters
 */
export function expectLinear(make: (size: number) => () => unknown, size = 10_000): void {
  const small = make(size);
  let before = timeOf(small);
  if (before < AT_ONCE_MS) return;
  const large = make(4 * size);
  let after = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && after > GROWTH * before; i++) {
    before = Math.max(before, timeOf(small)); // the first run compiles
    after = Math.min(after, timeOf(large));
  }
  expect(after / before, 'times as long for a text four times as long').toBeLessThanOrEqual(GROWTH);
}
