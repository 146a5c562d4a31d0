import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TensorBoardLog } from '../io/tensorboard-events';
import { appendSynced, writeFileWhole } from '../io/whole-file';
import type { StepReport } from './training-step';

/** A step of a training, as `metrics.jsonl` holds it. */
export type MetricsRow = { readonly step: number; readonly epoch: number; readonly rate: number } & StepReport;

export const METRICS_FILE = 'metrics.jsonl';

/** What a row of any training has: numbers under names, one of them the step. */
export interface LogRow {
  readonly step: number;
  readonly epoch: number;
}

/**
 * The curves of a training: `metrics.jsonl`, a line a step, and the same numbers for TensorBoard.
 *
 * What follows the checkpoint that a run goes on from is dropped: the run writes it again.
 */
export class TrainingLog<Row extends LogRow = MetricsRow> {
  /** The rows before the step that the run goes on from. */
  readonly earlier: readonly Row[];
  readonly #path: string;
  readonly #events: TensorBoardLog;
  #waiting: string[] = [];

  /**
   * @param first the step that is added next
   * @param options.training part of the name of TensorBoard's file, which has no time and host as is usual: a run has
   *   one, which goes on where the run goes on; default `pretraining`
   */
  constructor(folder: string, first: number, { training = 'pretraining' }: { training?: string } = {}) {
    this.#path = join(folder, METRICS_FILE);
    this.earlier = existsSync(this.#path) ? rowsBefore(first, readFileSync(this.#path, 'utf8')) : [];
    writeFileWhole(this.#path, this.earlier.map((row) => `${JSON.stringify(row)}\n`).join(''));
    this.#events = new TensorBoardLog(join(folder, `events.out.tfevents.${training}`), first);
  }

  add(row: Row): void {
    this.#waiting.push(`${JSON.stringify(row)}\n`);
    const { step, epoch: _, ...scalars } = row;
    this.#events.add({ step, wallTime: Date.now() / 1000, scalars: scalars as Record<string, number> });
  }

  /** Writes what was added since, synced. */
  flush(): void {
    appendSynced(this.#path, this.#waiting.join(''));
    this.#waiting = [];
    this.#events.flush();
  }
}

/** Reads the curves of a training, a pretraining's unless told otherwise. */
export function readMetrics<Row extends LogRow = MetricsRow>(folder: string): Row[] {
  return rowsBefore(Number.POSITIVE_INFINITY, readFileSync(join(folder, METRICS_FILE), 'utf8'));
}

/** The whole lines up to a step; a kill may have cut the last one, whose step the run then does again. */
function rowsBefore<Row extends LogRow>(first: number, text: string): Row[] {
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    const row = parseRow<Row>(line);
    if (row === undefined || row.step >= first) break;
    rows.push(row);
  }
  return rows;
}

function parseRow<Row extends LogRow>(line: string): Row | undefined {
  try {
    const row = JSON.parse(line);
    return typeof row?.step === 'number' ? row : undefined;
  } catch {
    return undefined;
  }
}
