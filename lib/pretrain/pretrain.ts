import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AdamW } from '../engine/adamw';
import { KitError } from '../errors';
import { appendText, writeFileWhole } from '../io/whole-file';
import type { Architecture } from '../model/architecture';
import { createEncoder } from '../model/encoder';
import { writeWeights } from '../model/weights-file';
import { type OnProgress, trackProgress } from '../progress';
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint';
import { Objective, type ObjectiveOptions, type PretrainingMethod } from './objective';
import { patientBatches } from './patient-batches';
import { learningRate } from './schedule';
import { type StepReport, trainingStep } from './training-step';

/** Unlabelled ECGs to learn from. */
export interface EcgSource {
  readonly recordIds: readonly string[];
  readonly patientIds: readonly string[];
  /** ECGs by row number, `[row, lead = 12, sample = 2500]`, mV. */
  read(rows: ArrayLike<number>): Float32Array;
}

/** The recipe of a pretraining (methods after MAE; the paper states none of it). */
export interface PretrainingOptions extends ObjectiveOptions {
  readonly epochs: number;
  /** ECGs a step, even; a patient's second ECG comes along where there is one. */
  readonly batchSize: number;
  /** Peak learning rate, reached after the warm-up. */
  readonly learningRate: number;
  /** Share of the steps in which the rate rises linearly; the rest follows half a cosine. */
  readonly warmup: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this norm. */
  readonly clipNorm: number;
}

/** A step of a training, as `metrics.jsonl` holds it. */
export type MetricsRow = { readonly step: number; readonly epoch: number; readonly rate: number } & StepReport;

export const WEIGHTS_FILE = 'weights.safetensors';
export const METRICS_FILE = 'metrics.jsonl';

/** Seconds between two checkpoints. */
const CHECKPOINT_EVERY_S = 30;

/** A loss that is no number any more: what was trained on when it happened; the last checkpoint is kept. */
export class DivergedError extends KitError<'DivergedError'> {
  constructor(step: number, recordIds: readonly string[], folder: string) {
    super('DivergedError', 'pretraining', {
      expected: 'a finite loss',
      actual: `NaN or infinity at step ${step}, records ${recordIds.join(' ')}; a lower learning rate may help`,
      where: { file: folder },
    });
  }
}

/**
 * Pretrains an encoder on unlabelled ECGs and writes it, with its curves, into a folder (section 3.2 of the paper).
 *
 * AdamW, linear warm-up and half a cosine, gradients clipped. A folder with a checkpoint is gone on with and ends
 * where the uninterrupted run would have ended, bit for bit on the same engine and number of threads.
 *
 * @param source the ECGs and their patients
 * @param options.method CL, GL or HL
 * @param options.seed weights, batches, masks and views follow from it
 * @param options.folder gets `metrics.jsonl`, `checkpoint.safetensors` on the way and `weights.safetensors` at the end
 * @param options.signal stops after the step under way, with a checkpoint; the promise is then rejected with its reason
 * @throws DivergedError when the loss is no finite number
 */
export async function pretrain(
  source: EcgSource,
  options: PretrainingOptions & {
    method: PretrainingMethod;
    architecture: Architecture;
    seed: number;
    folder: string;
    task: string;
    onProgress?: OnProgress;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { method, architecture, seed, folder, batchSize, epochs, clipNorm, signal } = options;
  const encoder = createEncoder(architecture, { seed });
  const objective = new Objective(method, encoder, options);
  const { parameters } = encoder;
  const optimiser = new AdamW(parameters, { weightDecay: options.weightDecay });
  const trained = { parameters, optimiser };
  try {
    const batchesOf = (epoch: number) => patientBatches(source.patientIds, { batchSize, seed, epoch });
    const stepsPerEpoch = batchesOf(0).length;
    const steps = epochs * stepsPerEpoch;
    const schedule = { peak: options.learningRate, steps, warmup: Math.round(options.warmup * steps) };
    const first = readCheckpoint(folder, trained);
    const metrics = new MetricsLog(join(folder, METRICS_FILE), first);
    const report = trackProgress({ task: options.task, total: steps, unit: 'steps' }, { ...options, done: first });
    const save = (done: number) => {
      metrics.flush();
      writeCheckpoint(folder, trained, { step: done });
    };
    let saved = performance.now();
    let batches = batchesOf(Math.floor(first / stepsPerEpoch));
    for (let step = first; step < steps; step++) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (step % stepsPerEpoch === 0) batches = batchesOf(epoch);
      const rows = batches[step % stepsPerEpoch];
      const batch = { ecgs: source.read(rows), patientIds: Array.from(rows, (row) => source.patientIds[row]) };
      const rate = learningRate(step, schedule);
      const terms = objective.prepare(batch, step);
      const result = trainingStep(parameters, terms, { optimiser, total: (t) => objective.total(t), rate, clipNorm });
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) {
        metrics.flush();
        throw new DivergedError(
          step,
          Array.from(rows, (row) => source.recordIds[row]),
          folder,
        );
      }
      metrics.add({ step, epoch, rate, ...result });
      report(step + 1, `loss ${result.loss.toFixed(4)}`);
      await new Promise(setImmediate); // lets signals and progress through
      if (signal?.aborted || performance.now() - saved > 1000 * CHECKPOINT_EVERY_S) {
        save(step + 1);
        saved = performance.now();
        signal?.throwIfAborted();
      }
    }
    metrics.flush();
    writeWeights(join(folder, WEIGHTS_FILE), objective, { metadata: { method, seed: String(seed) } });
    removeCheckpoint(folder);
  } finally {
    optimiser.dispose();
    objective.dispose();
  }
}

/** `metrics.jsonl`: a line a step. Lines after the checkpoint that a run goes on from are dropped: it writes them again. */
class MetricsLog {
  readonly #path: string;
  #waiting: string[] = [];

  constructor(path: string, steps: number) {
    this.#path = path;
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, steps) : [];
    writeFileWhole(path, lines.map((line) => `${line}\n`).join(''));
  }

  add(row: MetricsRow): void {
    this.#waiting.push(`${JSON.stringify(row)}\n`);
  }

  flush(): void {
    appendText(this.#path, this.#waiting.join(''));
    this.#waiting = [];
  }
}

/** Reads the curves of a pretraining. */
export function readMetrics(folder: string): MetricsRow[] {
  const lines = readFileSync(join(folder, METRICS_FILE), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
