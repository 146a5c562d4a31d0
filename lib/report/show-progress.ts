import { randomUUID } from 'node:crypto';
import { printable } from '../errors';
import type { OnProgress, Progress } from '../progress';
import { escapeHtml } from './html';
import { inNotebook, showBundle } from './notebook';

/** A progress display; give its `onProgress` to a long call, and call `close` at the end. */
export interface ProgressDisplay {
  readonly onProgress: OnProgress;
  /** Draws the last state, which may have come too soon after the one before. */
  close(): void;
}

export interface ShowProgressOptions {
  /** ms between two drawings at least; default 200 in a notebook, where more would lose messages, else 5,000. */
  readonly everyMs?: number;
  /** The clock, ms; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Shows how far long tasks are: a bar each in the notebook; elsewhere a line to stderr now and then.
 *
 * A finished task shows what was done and no times, so that a notebook run twice looks the same.
 */
export function showProgress(options: ShowProgressOptions = {}): ProgressDisplay {
  const { everyMs = inNotebook() ? 200 : 5000, now = () => performance.now() } = options;
  const id = randomUUID(); // names the output in this session only
  const tasks = new Map<string, Progress>();
  const moved = new Set<string>(); // since the last drawing
  let drawn = Number.NEGATIVE_INFINITY;
  let shown = false;
  let changed = false;

  const draw = (): void => {
    drawn = now();
    changed = false;
    const states = [...tasks.values()];
    const line = progressLine(states[states.length - 1]);
    if (!inNotebook()) {
      // of those that several processes are at, each has a line
      const atWork = states.filter(({ task, done, total }) => moved.has(task) && done < total).map(progressLine);
      process.stderr.write(printable(`${(atWork.length > 0 ? atWork : [line]).join('\n')}\n`));
      moved.clear();
      return;
    }
    showBundle(
      { 'text/html': states.map(progressHtml).join('\n'), 'text/plain': line },
      { id, update: shown, volatile: true },
    );
    shown = true;
  };
  return {
    onProgress(progress) {
      tasks.delete(progress.task); // the task at work comes last
      tasks.set(progress.task, progress);
      moved.add(progress.task);
      changed = true;
      if (now() - drawn >= everyMs) draw();
    },
    close() {
      if (changed) draw();
    },
  };
}

/** A task's state in a line: 'hybrid 125/2/256, seed 0: 120 of 480 steps · loss 3.21 · 1.5 steps/s · 4 min left'. */
export function progressLine(progress: Progress): string {
  const { task, done, total, unit, detail, rate, secondsLeft } = progress;
  const count = (n: number) => n.toLocaleString('en-US');
  if (done >= total) return [`${task}: ${count(total)} ${unit}`, detail].filter((part) => part).join(' · ');
  const state = `${task}: ${count(done)} of ${count(total)} ${unit}`;
  const speed = rate > 0 ? `${rate < 10 ? rate.toPrecision(2) : count(Math.round(rate))} ${unit}/s` : undefined;
  return [state, detail, speed, `${duration(secondsLeft)} left`].filter((part) => part).join(' · ');
}

function progressHtml(progress: Progress): string {
  const bar = `<progress value="${progress.done}" max="${progress.total}"></progress>`;
  return `<div>${bar} ${escapeHtml(progressLine(progress))}</div>`;
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown time';
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
