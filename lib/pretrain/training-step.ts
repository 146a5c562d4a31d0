import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import { type Precision, withPrecision } from '../engine/precision';
import { sumOfSquares } from '../engine/sum-of-squares';
import type { Parameters } from '../model/parameters';
import type { BatchLoss } from './batch-loss';
import { hybridLoss, type LossTerms } from './hybrid-loss';
import { gradientOfTerms, type LossGradient, lossGradient } from './loss-gradient';
import { isOutOfMemory, OutOfMemoryError } from './out-of-memory';

/** What one step did: the loss, its terms before their weights, and the gradient's norm before clipping. */
export type StepReport = {
  readonly loss: number;
  readonly reconstruction?: number;
  readonly patient?: number;
  readonly sample?: number;
  /** Of the sum of the gradients, before it was clipped; where each was scaled by itself, of what came of them. */
  readonly gradientNorm: number;
  /** Norms of the single terms' gradients before they were scaled, where each was taken by itself. */
  readonly reconstructionNorm?: number;
  readonly patientNorm?: number;
  readonly sampleNorm?: number;
};

export interface StepOptions {
  readonly optimiser: AdamW;
  /** Sums the terms of a loss that is a bare function; default their plain sum. A `BatchLoss` has weights of its own. */
  readonly total?: (terms: LossTerms) => tf.Scalar;
  /** Learning rate. */
  readonly rate: number;
  /** Gradients longer than this are scaled down to it (Pascanu et al., 2013); default 1. */
  readonly clipNorm?: number;
  /** Of matrix products, forward and backward; default `float32`. */
  readonly precision?: Precision;
}

/**
 * One step of training: loss, gradients, clipping at a global norm, AdamW, and the target network, where there is one.
 *
 * A loss or a norm that is no finite number is reported, and the weights stay as they are.
 *
 * @param parameters the weights; all that the loss depends on are trained
 * @param loss from `Objective.prepare`, or any function that gives loss terms
 * @throws OutOfMemoryError when the backend is refused memory
 */
export function trainingStep(
  parameters: Parameters,
  loss: BatchLoss | (() => LossTerms),
  options: StepOptions,
): StepReport {
  try {
    const made = begin(parameters, loss, options);
    return finish(made, made.figures.dataSync<'float32'>(), loss, options);
  } catch (error) {
    throw named(error, loss);
  }
}

/** The same step on backends that cannot be read at once, such as `webgpu`; on the others it gives the same numbers. */
export async function trainingStepAsync(
  parameters: Parameters,
  loss: BatchLoss | (() => LossTerms),
  options: StepOptions,
): Promise<StepReport> {
  try {
    const made = begin(parameters, loss, options);
    return finish(made, await made.figures.data<'float32'>(), loss, options);
  } catch (error) {
    throw named(error, loss);
  }
}

/** A gradient and the figures that decide what to do with it, not yet read. */
interface MadeGradient {
  readonly names: readonly string[];
  readonly gradients: readonly tf.Tensor[];
  /** `[figure]` */
  readonly figures: tf.Tensor1D;
  readonly figureNames: readonly string[];
  /** Names of the figures that are squares of norms. */
  readonly squares: readonly string[];
}

function begin(
  parameters: Parameters,
  loss: BatchLoss | (() => LossTerms),
  { total = hybridLoss, clipNorm = 1, precision = 'float32' }: StepOptions,
): MadeGradient {
  return tf.tidy(() => {
    const made = withPrecision(precision, () =>
      'parts' in loss ? ofBatch(loss, parameters, clipNorm) : ofFunction(loss, parameters, total),
    );
    const squares: Record<string, tf.Scalar> = { gradientNorm: sumOfSquares([...made.gradients.values()]) };
    for (const [term, square] of Object.entries(made.squares)) squares[`${term}Norm`] = square;
    const figures: Record<string, tf.Scalar> = {
      loss: 'parts' in loss ? hybridLoss(made.terms, loss.gradientOptions.weights) : total(made.terms),
      ...made.terms,
      ...squares,
    };
    return {
      names: [...made.gradients.keys()],
      gradients: [...made.gradients.values()],
      figures: tf.stack(Object.values(figures)) as tf.Tensor1D,
      figureNames: Object.keys(figures),
      squares: Object.keys(squares),
    };
  });
}

function ofBatch(loss: BatchLoss, parameters: Parameters, clipNorm: number): LossGradient {
  return lossGradient(loss.parts, parameters, { ...loss.gradientOptions, clipNorm });
}

function ofFunction(terms: () => LossTerms, parameters: Parameters, total: (terms: LossTerms) => tf.Scalar) {
  const weights = new Map(parameters.names().map((name) => [name, parameters.get(name)]));
  return { ...gradientOfTerms(weights, { terms, total }), squares: {} };
}

function finish(
  { names, gradients, figures, figureNames, squares }: MadeGradient,
  values: Float32Array,
  loss: BatchLoss | (() => LossTerms),
  { optimiser, rate, clipNorm = 1 }: StepOptions,
): StepReport {
  try {
    const entries = figureNames.map((name, i) => [name, squares.includes(name) ? Math.sqrt(values[i]) : values[i]]);
    const report = Object.fromEntries(entries) as StepReport;
    if (!values.every(Number.isFinite)) return report;
    tf.tidy(() => {
      const scale = clipsTheSum(loss) && report.gradientNorm > clipNorm ? clipNorm / report.gradientNorm : 1;
      optimiser.step(new Map(names.map((name, i) => [name, gradients[i]])), rate, { scale });
    });
    if ('parts' in loss) loss.updated();
    return report;
  } finally {
    tf.dispose([figures, ...gradients]);
  }
}

function clipsTheSum(loss: BatchLoss | (() => LossTerms)): boolean {
  return !('parts' in loss) || (loss.gradientOptions.lossGradients ?? 'sum') === 'sum';
}

/** The error to throw for one that stopped a step: memory that was refused has a name of its own. */
function named(error: unknown, loss: BatchLoss | (() => LossTerms)): unknown {
  try {
    releaseTape();
  } catch {
    // WebAssembly does not recover from an allocation that failed: the first error says what happened
  }
  if (!isOutOfMemory(error) || !('parts' in loss)) return error;
  const { ecgs } = loss.parts;
  const limit = loss.gradientOptions.microBatchSize;
  const from = Math.min(limit ?? ecgs, ecgs);
  return new OutOfMemoryError({ what: 'training step', setting: 'microBatchSize', from, limit, cause: error });
}

/** What TensorFlow.js saved for a backward pass that an error kept from coming; it would be kept for ever. */
function releaseTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0 || state.activeTape == null) return;
  for (const { saved = [] } of state.activeTape) tf.dispose(saved);
  state.activeTape = null as never;
}
