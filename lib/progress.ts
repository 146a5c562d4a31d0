/** How far a long task is; called at every step, so whoever shows it decides how often to redraw. */
export interface Progress {
  /** What is being done, such as `hybrid 125/2/256, seed 0`. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
  /** What is counted: `steps`, `ECGs`. */
  readonly unit: string;
  /** The newest figure worth seeing, such as `loss 3.21`. */
  readonly detail?: string;
  /** Units a second since the task began (or was resumed). */
  readonly rate: number;
  /** Seconds left at that rate; infinite while nothing is done yet. */
  readonly secondsLeft: number;
}

export type OnProgress = (progress: Progress) => void;

/** Counts the units of one task and tells rate and time left. */
export function trackProgress(
  { task, total, unit }: { task: string; total: number; unit: string },
  { onProgress, done = 0 }: { onProgress?: OnProgress; done?: number },
): (done: number, detail?: string) => void {
  const start = performance.now();
  return (now, detail) => {
    const seconds = (performance.now() - start) / 1000;
    const rate = (now - done) / Math.max(seconds, 1e-9);
    const secondsLeft = now >= total ? 0 : rate > 0 ? (total - now) / rate : Number.POSITIVE_INFINITY;
    onProgress?.({ task, done: now, total, unit, detail, rate, secondsLeft });
  };
}
