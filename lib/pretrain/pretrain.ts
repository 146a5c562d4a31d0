import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AdamW } from '../engine/adamw';
import type { Precision } from '../engine/precision';
import { readValues } from '../engine/read-values';
import { ArgumentError } from '../errors';
import type { Architecture } from '../model/architecture';
import { createEncoder } from '../model/encoder';
import { writeWeights } from '../model/weights-file';
import { trackProgress } from '../progress';
import { verifyShards } from '../store/verify-shards';
import { type BatchFeed, openBatchFeed } from './batch-feed';
import { readCheckpoint, removeCheckpoints, writeCheckpoint } from './checkpoint';
import { checkpointTimer } from './checkpoint-timer';
import { DivergedError } from './diverged-error';
import type { EcgSource } from './ecg-source';
import { LossGuard } from './loss-guard';
import type { PretrainingMethod } from './method';
import { Objective, type ObjectiveOptions } from './objective';
import { stepsPerEpoch } from './patient-batches';
import { PlateauWatch } from './plateau-watch';
import { learningRate } from './schedule';
import { inTrainingFolder, type TrainingRun, WEIGHTS_FILE } from './training-folder';
import { METRICS_FILE, TrainingLog } from './training-log';
import { trainingStepAsync } from './training-step';

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
  /** Of matrix products; default `float32`. */
  readonly precision?: Precision;
}

/** What is trained: with the recipe and the ECGs it decides the weights. */
export interface PretrainingTarget {
  /** CL, GL or HL. */
  readonly method: PretrainingMethod;
  readonly architecture: Architecture;
  /** Weights, batches, masks and views follow from it. */
  readonly seed: number;
}

export { WEIGHTS_FILE } from './training-folder';

/**
 * Pretrains an encoder on unlabelled ECGs and writes it, with its curves, into a folder (section 3.2 of the paper).
 *
 * AdamW, linear warm-up and half a cosine, gradients clipped. A folder with a checkpoint is gone on with and ends
 * where the uninterrupted run would have ended, bit for bit on the same engine and number of threads.
 *
 * @param source the ECGs and their patients; those of a store (`storeSource`) are read and augmented ahead by a worker
 * @throws ArgumentError for an option out of its range, or fewer ECGs than a batch holds
 * @throws DivergedError when the loss is no finite number or explodes; the last good checkpoint is kept
 * @throws OutOfMemoryError when a step gets no memory, with the setting to lower
 * @throws EngineError for `bf16` where nothing here computes in it; MissingFileError when the worker is not compiled
 * @throws StorageError when another process trains in the folder, or the disk refuses
 * @throws FormatError when no checkpoint in the folder is undamaged, or a shard of a store is damaged; StaleError when
 *   checkpoints are of other settings
 */
export async function pretrain(
  source: EcgSource,
  options: PretrainingOptions & PretrainingTarget & TrainingRun,
): Promise<void> {
  assertOptions(options);
  stepsPerEpoch(source.patientIds.length, options.batchSize); // refuses a batch that is never full before a folder is made
  for (const store of source.stores ?? []) await verifyShards(store, options);
  await inTrainingFolder(options, () => train(source, options));
}

async function train(
  source: EcgSource,
  { folder, task, onProgress, onNotice, signal, checkpointEveryS, ...recipe }: Parameters<typeof pretrain>[1],
): Promise<void> {
  const { method, seed, batchSize, clipNorm, precision } = recipe;
  const objective = createObjective(recipe);
  const { encoder } = objective;
  const { parameters } = encoder;
  const notice = onNotice ?? ((line) => process.stderr.write(`${line}\n`));
  let optimiser: AdamW | undefined;
  let feed: BatchFeed | undefined;
  try {
    optimiser = new AdamW(parameters, { weightDecay: recipe.weightDecay });
    const steps = recipe.epochs * stepsPerEpoch(source.patientIds.length, batchSize);
    const schedule = { peak: recipe.learningRate, steps, warmup: Math.round(recipe.warmup * steps) };
    const trained = { parameters, optimiser, objective, settings: { ...recipe, ecgs: hashOf(source) } };
    const first = readCheckpoint(folder, trained, { onNotice: notice });
    const log = new TrainingLog(folder, first);
    if (log.earlier.length < first) {
      notice(`${join(folder, METRICS_FILE)}: expected ${first} rows, got ${log.earlier.length}: the rest is lost`);
    }
    const guard = new LossGuard(log.earlier.map(({ loss }) => loss));
    const watch = new PlateauWatch(steps, {
      candidates: recipe.emaTarget === undefined ? 2 * batchSize - 1 : batchSize,
    });
    for (const { sample } of log.earlier) if (sample !== undefined) watch.add(sample);
    const report = trackProgress({ task, total: steps, unit: 'steps' }, { onProgress, done: first });
    const checkpoints = checkpointTimer(checkpointEveryS, (step) => writeCheckpoint(folder, trained, { step }), first);
    const augmentation = method === 'generative' ? undefined : recipe.augmentation;
    feed = openBatchFeed(source, { batchSize, seed, first, steps, augmentation });

    for (let step = first; step < steps; step++) {
      const batch = await feed.next();
      const rate = learningRate(step, schedule);
      const loss = objective.prepare(batch, step);
      const result = await trainingStepAsync(parameters, loss, { optimiser, rate, clipNorm, precision });
      const fault = guard.add(result.loss, result.gradientNorm);
      if (fault !== undefined) {
        log.flush();
        const recordIds = Array.from(batch.rows, (row) => source.recordIds[row]);
        throw new DivergedError(fault, { step, recordIds, checkpoint: checkpoints.last(), folder });
      }
      const plateau = result.sample === undefined ? undefined : watch.add(result.sample);
      if (plateau !== undefined) notice(`${folder}: ${plateau}`);
      log.add({ step, epoch: batch.epoch, rate, ...result });
      report(step + 1, `loss ${result.loss.toFixed(4)}`);
      await new Promise(setImmediate); // lets signals and progress through
      if (signal?.aborted || checkpoints.due()) {
        log.flush();
        if (guard.calm) await checkpoints.save(step + 1);
        signal?.throwIfAborted();
      }
    }
    log.flush();
    await readValues([...parameters.names().map((name) => parameters.get(name)), encoder.positions]);
    writeWeights(join(folder, WEIGHTS_FILE), objective, { metadata: { method, seed: String(seed) } });
    removeCheckpoints(folder);
  } finally {
    await feed?.close();
    optimiser?.dispose();
    objective.dispose();
  }
}

function assertOptions(options: PretrainingOptions): void {
  const { epochs, learningRate: peak, warmup, weightDecay, clipNorm, precision = 'float32' } = options;
  const rules: [keyof PretrainingOptions, string, boolean][] = [
    ['epochs', 'a whole number >= 1', Number.isInteger(epochs) && epochs >= 1],
    ['learningRate', 'a number above 0', peak > 0 && Number.isFinite(peak)],
    ['warmup', 'a share in [0, 1]', warmup >= 0 && warmup <= 1],
    ['weightDecay', 'a number >= 0', weightDecay >= 0 && Number.isFinite(weightDecay)],
    ['clipNorm', 'a number above 0', clipNorm > 0],
    ['precision', "'float32' or 'bf16'", precision === 'float32' || precision === 'bf16'],
  ];
  for (const [key, expected, holds] of rules) {
    if (!holds) throw new ArgumentError('pretraining', { expected, actual: String(options[key]), where: { key } });
  }
}

function createObjective({ method, architecture, ...options }: PretrainingOptions & PretrainingTarget): Objective {
  const encoder = createEncoder(architecture, { seed: options.seed });
  try {
    return new Objective(method, encoder, options);
  } catch (error) {
    encoder.dispose();
    throw error;
  }
}

/** Of records and patients: these decide which ECGs come into a batch together. */
function hashOf({ recordIds, patientIds }: EcgSource): string {
  return createHash('sha256')
    .update(JSON.stringify([recordIds, patientIds]))
    .digest('hex');
}
