import { describe, expect, it } from 'vitest';
import { type Interruptible, runInSlices, runToEnd } from '../../lib/evaluate/interruptible';

/** Keeps the process busy a millisecond at a time; `steps.taken` counts them. */
function* busy(total: number, steps = { taken: 0 }): Interruptible<string> {
  while (steps.taken < total) {
    const since = performance.now();
    while (performance.now() - since < 1);
    steps.taken++;
    yield;
  }
  return 'done';
}

// biome-ignore lint/correctness/useYield: fails before it could
function* broken(): Interruptible<never> {
  throw new RangeError('broken');
}

describe('runToEnd', () => {
  it('gives the result, or throws', () => {
    expect(runToEnd(busy(3))).toBe('done');
    expect(() => runToEnd(broken())).toThrow(RangeError);
  });
});

describe('runInSlices', () => {
  it('gives the result, or rejects', async () => {
    expect(await runInSlices(busy(3))).toBe('done');
    await expect(runInSlices(broken())).rejects.toThrow(RangeError);
  });

  it('lets timers fire between slices, not between steps', async () => {
    const steps = { taken: 0 };
    const seenAt = new Set<number>();
    const timer = setInterval(() => seenAt.add(steps.taken), 1);
    const since = performance.now();
    await runInSlices(busy(400, steps));
    clearInterval(timer);
    expect(seenAt.size).toBeGreaterThan(2);
    expect(seenAt.size).toBeLessThanOrEqual((performance.now() - since) / 50 + 1);
  });

  it('stops when a timer aborts, with the reason', async () => {
    const steps = { taken: 0 };
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 1);
    await expect(runInSlices(busy(60_000, steps), controller)).rejects.toBe(reason);
    expect(steps.taken).toBeLessThan(1000);
  });

  it('stops after the step that aborts, and takes none when aborted before', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let steps = 0;
    const work = function* (): Interruptible<void> {
      for (;;) {
        if (++steps === 3) controller.abort(reason);
        yield;
      }
    };
    await expect(runInSlices(work(), controller)).rejects.toBe(reason);
    expect(steps).toBe(3);
    await expect(runInSlices(work(), controller)).rejects.toBe(reason);
    expect(steps).toBe(3);
  });
});
