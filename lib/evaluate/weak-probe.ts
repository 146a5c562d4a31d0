import { ArgumentError } from '../errors';
import { randomStream } from '../random';
import { adam } from './adam';
import { type Interruptible, runToEnd } from './interruptible';
import { interleaveLabels, LANES, logisticLoss } from './logistic-loss';
import type { ProbeSet } from './probe-set';

export interface WeakProbeOptions {
  /** default 0 */
  readonly seed?: number;
  /** most epochs, default 50 */
  readonly epochs?: number;
  /** default 1e-3 */
  readonly learningRate?: number;
  /** default 256; the last batch of an epoch is what is left */
  readonly batchSize?: number;
  /** stop after so many epochs without a lower validation loss, default 10 */
  readonly patience?: number;
  /** [epoch] the order of the training rows, for an order of one's own; default shuffled by the seed */
  readonly order?: (epoch: number) => ArrayLike<number>;
  /** the first weights and intercept of a task; default uniform within 1 / sqrt(columns), as PyTorch's linear layer */
  readonly start?: (task: string) => { weights: ArrayLike<number>; intercept: number };
}

/** A weak probe of one task. */
export interface WeakProbe {
  /** [column] */
  weights: Float64Array;
  intercept: number;
  /** the epoch, from 1, after which the validation loss was lowest: the weights are those */
  epoch: number;
  /** [epoch] mean binary cross-entropies, up to the epoch of the stop; training's while it was learning */
  history: { trainLoss: number; validationLoss: number }[];
}

/**
 * Trains weak probes, the paper's words taken literally: a linear layer on the raw features, trained by Adam on the
 * binary cross-entropy, the best epoch taken by the validation loss.
 *
 * @param train features and labels, checked
 * @param validation the same columns and tasks
 * @returns a probe a task; a task's probe does not depend on the other tasks
 * @throws ArgumentError for an option out of its range, or when no epoch ends at a finite validation loss
 */
export function trainWeakProbes<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  options: WeakProbeOptions & { readonly tasks: readonly Name[] },
): Map<Name, WeakProbe> {
  return runToEnd(fitWeakProbes(train, validation, options));
}

/** As `trainWeakProbes`, yielding after each batch. */
export function* fitWeakProbes<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  options: WeakProbeOptions & { readonly tasks: readonly Name[] },
): Interruptible<Map<Name, WeakProbe>> {
  assertOptions(options);
  const probes = new Map<Name, WeakProbe>();
  for (let first = 0; first < options.tasks.length; first += LANES) {
    const tasks = options.tasks.slice(first, first + LANES);
    const together = yield* trainTogether(train, validation, { ...options, tasks });
    together.forEach((probe, lane) => {
      probes.set(tasks[lane], probe);
    });
  }
  return probes;
}

/** Trains up to four probes on the same batches. */
function* trainTogether<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  options: WeakProbeOptions & { readonly tasks: readonly Name[] },
): Interruptible<WeakProbe[]> {
  const { tasks, seed = 0, epochs = 50, learningRate = 1e-3, batchSize = 256, patience = 10 } = options;
  const { rows, columns } = train.features;
  const rowNumbers = Uint32Array.from({ length: rows }, (_, row) => row);
  const shuffled = (epoch: number) => randomStream(seed, 'weak probe', 'order', epoch).shuffled(rowNumbers);
  const parameters = startParameters(tasks, columns, options); // [column + 1, lane]
  const step = adam(parameters, { learningRate });
  const trainLoss = lossOf(train, tasks, parameters);
  const validationLoss = lossOf(validation, tasks, parameters);
  const everyValidationRow = Uint32Array.from({ length: validation.features.rows }, (_, row) => row);
  const probes = tasks.map((): WeakProbe => ({ weights: new Float64Array(), intercept: 0, epoch: 0, history: [] }));
  const learns = (probe: WeakProbe) => probe.history.length - probe.epoch < patience;

  for (let epoch = 1; epoch <= epochs && probes.some(learns); epoch++) {
    const order = Uint32Array.from((options.order ?? shuffled)(epoch));
    const summed = new Float64Array(LANES);
    for (let from = 0; from < order.length; from += batchSize) {
      const batch = order.subarray(from, from + batchSize);
      const { losses, gradients } = trainLoss(batch);
      for (let lane = 0; lane < LANES; lane++) summed[lane] += losses[lane];
      step(gradients.map((gradient) => gradient / batch.length));
      yield;
    }
    const { losses } = validationLoss(everyValidationRow);
    probes.forEach((probe, lane) => {
      if (!learns(probe)) return;
      const loss = losses[lane] / everyValidationRow.length;
      const lowest = probe.epoch === 0 ? Number.POSITIVE_INFINITY : probe.history[probe.epoch - 1].validationLoss;
      probe.history.push({ trainLoss: summed[lane] / order.length, validationLoss: loss });
      if (!(loss < lowest)) return; // NaN is no improvement
      probe.epoch = epoch;
      probe.weights = Float64Array.from({ length: columns }, (_, j) => parameters[j * LANES + lane]);
      probe.intercept = parameters[columns * LANES + lane];
    });
  }
  for (const [lane, { epoch }] of probes.entries()) {
    if (epoch > 0) continue;
    const where = { key: tasks[lane] };
    throw new ArgumentError('weak probe', { expected: 'a finite validation loss', actual: 'none in any epoch', where });
  }
  return probes;
}

function assertOptions({ epochs = 1, batchSize = 1, patience = 1, learningRate = 1 }: WeakProbeOptions): void {
  for (const [key, value] of Object.entries({ epochs, batchSize, patience })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ArgumentError('weak probe', { expected: 'a whole number >= 1', actual: String(value), where: { key } });
  }
  if (learningRate > 0 && Number.isFinite(learningRate)) return;
  const where = { key: 'learningRate' };
  throw new ArgumentError('weak probe', { expected: 'a number above 0', actual: String(learningRate), where });
}

/** The summed losses and gradients of the tasks on some rows of a set, at the parameters as they are then. */
function lossOf<Name extends string>(set: ProbeSet<Name>, tasks: readonly Name[], parameters: Float64Array) {
  const { features } = set;
  const ofTasks = tasks.map((task) => set.labels[task]);
  const labels = interleaveLabels(ofTasks, features.rows);
  const into = { losses: new Float64Array(LANES), gradients: new Float64Array(parameters.length) };
  return (rows: Uint32Array) => {
    logisticLoss(features, { rows, labels, parameters }, into);
    return into;
  };
}

function startParameters(tasks: readonly string[], columns: number, options: WeakProbeOptions): Float64Array {
  const parameters = new Float64Array((columns + 1) * LANES);
  tasks.forEach((task, lane) => {
    const { weights, intercept } = options.start?.(task) ?? linearLayer(columns, options.seed ?? 0, task);
    for (let j = 0; j < columns; j++) parameters[j * LANES + lane] = weights[j];
    parameters[columns * LANES + lane] = intercept;
  });
  return parameters;
}

/** PyTorch's first weights of a linear layer with one output: uniform within 1 / sqrt(columns), the intercept too. */
function linearLayer(columns: number, seed: number, task: string): { weights: Float64Array; intercept: number } {
  const stream = randomStream(seed, 'weak probe', 'start', task);
  const uniform = () => (2 * stream.uniform() - 1) / Math.sqrt(columns);
  return { weights: Float64Array.from({ length: columns }, uniform), intercept: uniform() };
}
