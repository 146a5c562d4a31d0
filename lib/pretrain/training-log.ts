import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TensorBoardLog } from '../io/tensorboard-events';
import { appendSynced, writeFileWhole } from '../io/whole-file';
import type { StepReport } from './training-step';

/** A step of a training, as `metrics.jsonl` holds it. */
export type MetricsRow = { readonly step: number; readonly epoch: number; readonly rate: number } & StepReport;

export const METRICS_FILE = 'metrics.jsonl';

/** Its name is fixed, without the usual time and host: a run has one, which goes on where the run goes on. */
const EVENTS_FILE = 'events.out.tfevents.pretraining';

/**
 * The curves of a training: `metrics.jsonl`, a line a step, and the same numbers for TensorBoard.
 *
 * What follows the checkpoint that a run goes on from is dropped: the run writes it again.
 */
export class TrainingLog {
  /** The rows before the step that the run goes on from. */
  readonly earlier: readonly MetricsRow[];
  readonly #path: string;
  readonly #events: TensorBoardLog;
  #waiting: string[] = [];

  /** @param first the step that is added next */
  constructor(folder: string, first: number) {
    this.#path = join(folder, METRICS_FILE);
    this.earlier = existsSync(this.#path) ? rowsBefore(first, readFileSync(this.#path, 'utf8')) : [];
    writeFileWhole(this.#path, this.earlier.map((row) => `${JSON.stringify(row)}\n`).join(''));
    this.#events = new TensorBoardLog(join(folder, EVENTS_FILE), first);
  }

  add(row: MetricsRow): void {
    this.#waiting.push(`${JSON.stringify(row)}\n`);
    const { step, epoch: _, ...scalars } = row;
    this.#events.add({ step, wallTime: Date.now() / 1000, scalars });
  }

  /** Writes what was added since, synced. */
  flush(): void {
    appendSynced(this.#path, this.#waiting.join(''));
    this.#waiting = [];
    this.#events.flush();
  }
}

/** Reads the curves of a pretraining. */
export function readMetrics(folder: string): MetricsRow[] {
  return rowsBefore(Number.POSITIVE_INFINITY, readFileSync(join(folder, METRICS_FILE), 'utf8'));
}

/** The whole lines up to a step; a kill may have cut the last one, whose step the run then does again. */
function rowsBefore(first: number, text: string): MetricsRow[] {
  const rows: MetricsRow[] = [];
  for (const line of text.split('\n')) {
    const row = parseRow(line);
    if (row === undefined || row.step >= first) break;
    rows.push(row);
  }
  return rows;
}

function parseRow(line: string): MetricsRow | undefined {
  try {
    const row = JSON.parse(line);
    return typeof row?.step === 'number' ? row : undefined;
  } catch {
    return undefined;
  }
}
