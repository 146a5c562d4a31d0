import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';

/** A process that works for this one. */
export interface WorkerProcess {
  readonly process: ChildProcess;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
}

/**
 * Tells worker processes to stop, by closing the channel to them, and waits until they are gone.
 *
 * @param patienceMs those that take longer are killed
 */
export async function endWorkers(workers: readonly WorkerProcess[], patienceMs: number): Promise<void> {
  for (const { process } of workers) if (process.connected) process.disconnect();
  const gone = Promise.all(workers.map((worker) => worker.gone));
  const timer = new AbortController();
  await Promise.race([gone, setTimeout(patienceMs, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
  for (const { process } of workers) process.kill('SIGKILL');
  await gone;
}
