/**
 * A signal for long calls in a notebook: aborts when the kernel is interrupted (the square button).
 *
 * tslab stops waiting for the cell then, but what the cell had started would go on behind its back.
 *
 * @returns aborted once; open a study with a new one to go on
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted; run the cells again to go on from here')));
  return controller.signal;
}
