const CHECKPOINT_EVERY_S = 30;
/** Share of the time that checkpoints may take, unless their distance is given. */
const CHECKPOINT_SHARE = 0.05;

/** Says when to write checkpoints, and knows which was the last. */
export interface CheckpointTimer {
  due(): boolean;
  /** Steps done at the last one. */
  last(): number;
  /** Writes one, after so many steps. */
  save(step: number): Promise<void>;
}

/**
 * Times the checkpoints of a training.
 *
 * @param seconds from one to the next; default 30, and more where writing one would take 5 % of the time
 * @param write writes one, after so many steps
 * @param first steps done at the start
 */
export function checkpointTimer(
  seconds: number | undefined,
  write: (step: number) => Promise<void>,
  first: number,
): CheckpointTimer {
  let last = first;
  let next = performance.now() + 1000 * (seconds ?? CHECKPOINT_EVERY_S);
  return {
    due: () => performance.now() >= next,
    last: () => last,
    async save(step) {
      const start = performance.now();
      await write(step);
      last = step;
      const now = performance.now();
      const distance = seconds ?? Math.max(CHECKPOINT_EVERY_S, (now - start) / 1000 / CHECKPOINT_SHARE);
      next = now + 1000 * distance;
    },
  };
}
