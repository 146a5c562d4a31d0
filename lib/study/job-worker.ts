import type { OnProgress } from '../progress';
import { sentFault } from '../sent-fault';
import type { JobAnswer, JobOrder } from './job-messages';
import { openContext } from './open-context';
import { planOf } from './plan';
import { runJob } from './run-job';
import type { StudyContext } from './study-context';

// The program of a process behind compute-jobs.ts: does the jobs of a study that it is sent.

/** Time between two messages on a task, ms. */
const EVERY_MS = 500;

const stop = new AbortController();
let context: StudyContext | undefined;
/** The order at hand. */
let work: Promise<void> = Promise.resolve();

process.on('message', (order: JobOrder) => {
  work = handle(order).catch((error) => answer({ fault: sentFault(error) }));
});
process.on('disconnect', async () => {
  stop.abort(new Error('the process that sends the jobs has ended, or said to stop'));
  await work; // a training stops after its step, with a checkpoint
  process.exit(0);
});
// a terminal sends these to all its processes; the one that sends the jobs says when to stop
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function handle(order: JobOrder): Promise<void> {
  if ('opening' in order) {
    context = await openContext({
      ...order.opening,
      backend: order.backend,
      threads: order.threads,
      signal: stop.signal,
      onProgress: nowAndThen((progress) => answer({ progress })),
    });
    answer({ ready: true });
    return;
  }
  const { run } = order;
  const job = planOf(context!, { trials: true }).find((one) => one.run === run);
  if (job === undefined) throw new Error(`${run} is no job of this study`);
  await runJob(context!, job.work);
  answer({ finished: run });
}

/** Passes on the first and the last state of each task, and others not more often than every so many milliseconds. */
function nowAndThen(send: OnProgress): OnProgress {
  let task = '';
  let sent = 0;
  return (progress) => {
    const now = performance.now();
    if (progress.task === task && progress.done < progress.total && now - sent < EVERY_MS) return;
    task = progress.task;
    sent = now;
    send(progress);
  };
}

function answer(message: JobAnswer): void {
  // its parent may be gone, which `disconnect` tells
  if (process.connected) process.send!(message, undefined, undefined, () => {});
}
