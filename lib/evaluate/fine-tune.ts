import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../engine/adamw';
import { readValues } from '../engine/read-values';
import { ArgumentError } from '../errors';
import { rocAucScore } from '../metrics/roc-auc';
import type { Task } from '../metrics/tasks';
import { readCheckpoint, removeCheckpoints, writeCheckpoint } from '../pretrain/checkpoint';
import { checkpointTimer } from '../pretrain/checkpoint-timer';
import { DivergedError } from '../pretrain/diverged-error';
import type { LossTerms } from '../pretrain/hybrid-loss';
import { LossGuard } from '../pretrain/loss-guard';
import { namedByBatchSize } from '../pretrain/out-of-memory';
import { learningRate } from '../pretrain/schedule';
import { inTrainingFolder, type TrainingRun, WEIGHTS_FILE } from '../pretrain/training-folder';
import { METRICS_FILE, TrainingLog } from '../pretrain/training-log';
import { trainingStepAsync } from '../pretrain/training-step';
import { trackProgress } from '../progress';
import { LEADS, SAMPLES } from '../signal/leads';
import { verifyShards } from '../store/verify-shards';
import { BestWeights, type EpochScore } from './best-weights';
import { balancedClassWeights, classificationLoss } from './classification-loss';
import type { Classifier } from './classifier';
import { type LabelledBatch, openLabelledBatches } from './fine-tune-batches';
import { type FineTuningOptions, type FineTuningRecipe, fineTuningRecipe } from './fine-tune-options';
import { checkLabelledEcgs, hashOfLabelledEcgs, type LabelledEcgs } from './labelled-ecgs';
import { visiblePatches } from './patch-dropout';
import { predictLogits } from './predict-logits';

/** The ECGs of a fine-tuning. */
export interface FineTuningSets<Name extends string = Task> {
  readonly train: LabelledEcgs<Name>;
  /** Chooses the epoch. */
  readonly validation: LabelledEcgs<Name>;
}

/** A step of a fine-tuning, as `metrics.jsonl` holds it. */
export interface FineTuningStep {
  /** 0-based. */
  readonly step: number;
  readonly epoch: number;
  readonly rate: number;
  /** Mean over the tasks. */
  readonly loss: number;
  readonly [lossOfTask: `loss/${string}`]: number;
  /** Before clipping. */
  readonly gradientNorm: number;
}

/** What the validation ECGs say after an epoch: a row of `metrics.jsonl` between those of the steps. */
export interface FineTuningValidation {
  /** Steps done. */
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  /** Mean AUROC over the tasks. */
  readonly validationAuroc: number;
  readonly [aurocOfTask: `validationAuroc/${string}`]: number;
}

/** What came of a fine-tuning; the classifier has the weights of the best epoch. */
export interface FineTuned<Name extends string = Task> {
  /** The best epoch, from 1: the earliest with the highest mean validation AUROC. */
  readonly epoch: number;
  /** Epochs trained, the last `patience` of them in vain where it stopped early. */
  readonly epochs: number;
  /** Mean over the tasks after the best epoch; it chose the epoch, so it is slightly too high. */
  readonly validationAuroc: number;
  /** By task. */
  readonly validationAurocs: Readonly<Record<Name, number>>;
}

interface WhenTrained<Name extends string> {
  readonly whenTrained?: (trained: FineTuned<Name>) => Promise<void>;
}

/** Validation ECGs that go through the network at a time, at most; never more than are trained on, for memory's sake. */
const VALIDATION_BATCH = 128;

/**
 * Trains a whole classifier, pretrained or not, on labelled ECGs (section 3.2 of the paper, fine-tuning; its supervised
 * baselines too).
 *
 * The loss is the mean over the tasks of the binary cross-entropy. AdamW, layer-wise decay of the rate, linear warm-up
 * and half a cosine, gradients clipped (MAE's fine-tuning). After each epoch the mean AUROC on the validation ECGs
 * decides which weights are kept, and when to stop.
 *
 * The folder gets `metrics.jsonl` (a `FineTuningStep` a step, a `FineTuningValidation` an epoch), TensorBoard's events
 * and, at the end, `weights.safetensors` of the best epoch. A folder with a checkpoint is gone on with and ends where
 * the uninterrupted run would have ended, bit for bit on the same engine and number of threads.
 *
 * @param classifier from `vitClassifier` or `resNetClassifier`; trained in place. It gets the best epoch's weights, or is
 *   left in between when this throws
 * @param sets train and validation; ECGs of a store are read ahead by a worker
 * @param options the recipe, see `FineTuningOptions` for the defaults; the folder, progress, signal; whenTrained: what is
 *   to be done with the trained network before its checkpoints go, so that a stop in it does not cost the training
 * @returns the best epoch and its AUROCs
 * @throws ArgumentError for an option out of its range, labels that do not fit, or a set in which a task has one class
 *   only
 * @throws DivergedError when the loss is no finite number or explodes; the last good checkpoint is kept
 * @throws OutOfMemoryError when a step or the validation gets no memory, with the setting to lower
 * @throws EngineError for `bf16` where nothing here computes in it; MissingFileError when the worker is not compiled
 * @throws StorageError when another process trains in the folder, or the disk refuses
 * @throws FormatError when no checkpoint in the folder is undamaged, or a shard of a store is damaged; StaleError when
 *   checkpoints are of other settings
 */
export async function fineTune<Name extends string = Task>(
  classifier: Classifier<Name>,
  sets: FineTuningSets<Name>,
  options: FineTuningOptions & TrainingRun & WhenTrained<Name>,
): Promise<FineTuned<Name>> {
  const { folder, task, onProgress, onNotice, signal, checkpointEveryS, whenTrained, ...settings } = options;
  const recipe = fineTuningRecipe(settings);
  const { tasks } = classifier;
  if (recipe.precision !== 'float32' && classifier.patches === undefined) {
    const expected = 'float32 for a network of convolutions, which have no other';
    throw new ArgumentError('fine-tuning', { expected, actual: recipe.precision, where: { key: 'precision' } });
  }
  checkLabelledEcgs(sets.train, { name: 'training', tasks });
  checkLabelledEcgs(sets.validation, { name: 'validation', tasks });
  for (const { source } of [sets.train, sets.validation]) {
    for (const store of source.stores ?? []) await verifyShards(store, { onProgress, signal });
  }
  const run = { folder, task, onProgress, onNotice, signal, checkpointEveryS };
  return inTrainingFolder(run, async () => {
    const trained = await train(classifier, sets, { recipe, run });
    await whenTrained?.(trained);
    removeCheckpoints(folder);
    return trained;
  });
}

async function train<Name extends string>(
  classifier: Classifier<Name>,
  { train: training, validation }: FineTuningSets<Name>,
  { recipe, run }: { recipe: FineTuningRecipe; run: TrainingRun },
): Promise<FineTuned<Name>> {
  const { tasks, parameters } = classifier;
  const { folder, signal } = run;
  const { seed, epochs, patience, clipNorm, precision, augmentation } = recipe;
  const batchSize = Math.min(recipe.batchSize, training.source.recordIds.length);
  const perEpoch = Math.floor(training.source.recordIds.length / batchSize);
  const steps = epochs * perEpoch;
  const schedule = { peak: recipe.learningRate, steps, warmup: Math.round(recipe.warmup * steps) };
  const settings = {
    ...recipe,
    tasks,
    start: await hashOfStart(classifier),
    train: hashOfLabelledEcgs(training, tasks),
    validation: hashOfLabelledEcgs(validation, tasks),
  };
  const { weightDecay, betas } = recipe;
  const rateMultipliers = classifier.rateMultipliers(recipe.layerDecay);
  let optimiser: AdamW | undefined;
  let best: BestWeights | undefined;
  let feed: ReturnType<typeof openLabelledBatches> | undefined;
  try {
    optimiser = new AdamW(parameters, { weightDecay, betas, rateMultipliers });
    best = new BestWeights(classifier);
    const notice = run.onNotice ?? ((line) => process.stderr.write(`${line}\n`));
    const trained = { parameters, optimiser, objective: best, settings };
    const first = readCheckpoint(folder, trained, { onNotice: notice });
    const log = new TrainingLog<FineTuningStep | FineTuningValidation>(folder, first, { training: 'fine-tuning' });
    const losses = log.earlier.flatMap((row) => ('loss' in row ? [row.loss as number] : []));
    if (losses.length < first) {
      notice(`${join(folder, METRICS_FILE)}: expected ${first} steps, got ${losses.length}: the rest is lost`);
    }
    const guard = new LossGuard(losses, { untrained: Math.LN2 });
    const report = trackProgress(
      { task: run.task, total: steps, unit: 'steps' },
      { onProgress: run.onProgress, done: first },
    );
    const checkpoints = checkpointTimer(
      run.checkpointEveryS,
      (step) => writeCheckpoint(folder, trained, { step }),
      first,
    );
    const stopWith = async (step: number) => {
      log.flush();
      if (guard.calm && step > checkpoints.last()) await checkpoints.save(step);
      signal?.throwIfAborted();
    };
    feed = openLabelledBatches(training.source, { batchSize, seed, first, steps, augmentation });
    const lossOf = batchLoss(classifier, training, recipe);

    let auroc = best.score.epoch === 0 ? '' : `AUROC ${best.score.auroc.toFixed(4)}, `;
    let done = 0;
    for (let step = first; ; step++) {
      // A checkpoint between two epochs is of the time before the validation, which a run that goes on does again.
      if (step > 0 && step % perEpoch === 0) {
        done = step / perEpoch;
        const score = await scoreOf(classifier, validation, { epoch: done, batchSize, signal }).catch(async (error) => {
          if (signal?.aborted) await stopWith(step);
          throw error;
        });
        best.offer(score);
        log.add(rowOf(score, step));
        auroc = `AUROC ${score.auroc.toFixed(4)}, `;
        if (step === steps || done - best.score.epoch >= patience) break;
      }
      const batch = await feed.next();
      const rate = learningRate(step, schedule);
      const { loss, dispose } = lossOf(batch, step);
      const result = await trainingStepAsync(parameters, loss, { optimiser, rate, clipNorm, precision, total: meanOf })
        .catch((error) => {
          throw namedByBatchSize(error, { what: 'fine-tuning step', batchSize: batch.rows.length });
        })
        .finally(dispose);
      const fault = guard.add(result.loss, result.gradientNorm);
      if (fault !== undefined) {
        log.flush();
        const recordIds = Array.from(batch.rows, (row) => training.source.recordIds[row]);
        const about = { step, recordIds, checkpoint: checkpoints.last(), folder, training: 'fine-tuning' };
        throw new DivergedError(fault, about);
      }
      log.add({ step, epoch: batch.epoch, rate, ...result });
      report(step + 1, `${auroc}loss ${result.loss.toFixed(4)}, rate ${rate.toPrecision(2)}`);
      await new Promise(setImmediate); // lets signals and progress through
      if (signal?.aborted || checkpoints.due()) await stopWith(step + 1);
    }
    log.flush();
    best.giveBack();
    await readValues(everyTensor(classifier));
    const { epoch, auroc: validationAuroc, aurocs } = best.score;
    const metadata = { seed: String(seed), epoch: String(epoch), validationAuroc: String(validationAuroc) };
    classifier.write(join(folder, WEIGHTS_FILE), { metadata });
    return { epoch, epochs: done, validationAuroc, validationAurocs: aurocs as Record<Name, number> };
  } finally {
    await feed?.close();
    optimiser?.dispose();
    best?.dispose();
  }
}

/** The loss of a batch, a term a task; its tensors live until they are disposed. */
function batchLoss<Name extends string>(
  classifier: Classifier<Name>,
  { labels }: LabelledEcgs<Name>,
  { classWeights, patchDropout, seed }: Pick<FineTuningRecipe, 'classWeights' | 'patchDropout' | 'seed'>,
) {
  const { tasks, patches } = classifier;
  const weightsOf = classWeights === 'none' ? undefined : tasks.map((task) => balancedClassWeights(labels[task]));
  return ({ rows, ecgs }: Pick<LabelledBatch, 'rows' | 'ecgs'>, step: number) => {
    const shape: [number, number] = [rows.length, tasks.length];
    const each = <T>(of: (label: number, task: number) => T) =>
      Array.from(rows, (row) => tasks.map((task, i) => of(labels[task][row], i))).flat();
    const signal = tf.tensor3d(ecgs, [rows.length, LEADS.length, SAMPLES]);
    const truth = tf.tensor2d(
      each((label) => label),
      shape,
    );
    const weights =
      weightsOf === undefined
        ? undefined
        : tf.tensor2d(
            each((label, i) => (label === 1 ? weightsOf[i].positive : weightsOf[i].negative)),
            shape,
          );
    const visible = visiblePatches({ batch: rows.length, patches }, { patchDropout, seed, step });
    const loss = (): LossTerms => {
      const logits = classifier.logits(signal, { training: true, visible }); // [batch, task]
      const terms = classificationLoss(logits, truth, weights); // [task]
      return Object.fromEntries(tasks.map((task, i) => [`loss/${task}`, terms.slice([i], [1]).asScalar()]));
    };
    return { loss, dispose: () => tf.dispose([signal, truth, ...(weights === undefined ? [] : [weights])]) };
  };
}

function meanOf(terms: LossTerms): tf.Scalar {
  const list = Object.values(terms) as tf.Scalar[];
  return list.reduce((sum, term) => sum.add(term)).div(list.length);
}

async function scoreOf<Name extends string>(
  classifier: Classifier<Name>,
  { source, labels }: LabelledEcgs<Name>,
  { epoch, batchSize, signal }: { epoch: number; batchSize: number; signal?: AbortSignal },
): Promise<EpochScore> {
  const { tasks } = classifier;
  const atATime = Math.min(VALIDATION_BATCH, batchSize);
  const logits = await predictLogits(classifier, { source }, { batchSize: atATime, signal });
  const aurocs = Object.fromEntries(tasks.map((task) => [task, rocAucScore(labels[task], logits[task])]));
  return { epoch, aurocs, auroc: tasks.reduce((sum, task) => sum + aurocs[task], 0) / tasks.length };
}

function rowOf({ epoch, auroc, aurocs }: EpochScore, step: number): FineTuningValidation {
  const ofTasks = Object.entries(aurocs).map(([task, value]) => [`validationAuroc/${task}`, value]);
  return { step, epoch, validationAuroc: auroc, ...Object.fromEntries(ofTasks) };
}

/** SHA-256 over weights and buffers as they start: another start is another training. */
async function hashOfStart(classifier: Classifier<string>): Promise<string> {
  const hash = createHash('sha256');
  const tensors = everyTensor(classifier);
  await readValues(tensors);
  for (const tensor of tensors) hash.update(tensor.dataSync<'float32'>());
  return hash.digest('hex');
}

function everyTensor({ parameters, buffers }: Classifier<string>): tf.Tensor[] {
  return [parameters, buffers].flatMap((set) => set.names().map((name) => set.get(name)));
}
