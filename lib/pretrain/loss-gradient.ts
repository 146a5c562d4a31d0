import * as tf from '@tensorflow/tfjs';
import { sumOfSquares } from '../engine/sum-of-squares';
import type { Parameters } from '../model/parameters';
import { contrastiveAmong, type LossParts, type TermName, wholeTerms } from './batch-loss';
import { EQUAL_WEIGHTS, hybridLoss, type LossTerms, type LossWeights } from './hybrid-loss';

/** How the gradient of a batch's loss is taken. */
export interface GradientOptions {
  /** Weights of the terms, w_k. */
  readonly weights: LossWeights;
  /**
   * How the gradients g_k of the terms make one; default `sum`.
   *
   * - `sum`: g = sum_k w_k g_k, which the step then clips at c. One backward pass.
   * - `clipped`: g = sum_k w_k min(1, c / |g_k|) g_k. Each term is clipped by itself, so that one with a large gradient
   *   (the contrastive ones) does not silence another.
   * - `normalised`: g = sum_k w_k g_k / max(|g_k|, 1e-12): the weights alone decide the balance.
   *
   * The last two are not clipped again. They take a forward and a backward pass for each term, and both contrastive ones
   * go through both views: HL took 1.6 times the time of `sum`, and CL does its work twice. They hold two gradients of
   * all weights where `sum` holds one.
   */
  readonly lossGradients?: 'sum' | 'clipped' | 'normalised';
  /**
   * ECGs that go through the model at a time; default the whole batch.
   *
   * The gradient is that of the whole batch, up to rounding, and peak memory that of a batch of this size. GL sums the
   * gradients of the parts. The contrastive loss still compares all views of the batch, by the gradient cache (Gao et
   * al., 2021): all projections are computed first, without a tape, then the loss and its gradient with respect to them,
   * then each part once more, with that gradient coming in: one more forward pass of the views. Smaller products and
   * that pass took 1.7 times the time of the whole batch at a quarter of it a part (125/2/256, batch 32, CPU).
   */
  readonly microBatchSize?: number;
}

/** A gradient and the figures of its making; tensors, nothing of it has been read. */
export interface LossGradient {
  /** The terms before their weights. */
  readonly terms: LossTerms;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  /** The square of the norm of each term's gradient, where each was taken by itself. */
  readonly squares: LossTerms;
}

/**
 * The gradient of a batch's loss with respect to the weights, `GradientOptions` says how.
 *
 * @param parts the loss
 * @param parameters the weights
 * @param options.clipNorm c, for `clipped`
 */
export function lossGradient(
  parts: LossParts,
  parameters: Parameters,
  { weights, lossGradients = 'sum', microBatchSize, clipNorm }: GradientOptions & { clipNorm: number },
): LossGradient {
  const pass = new Pass(parts, parameters, microBatchSize ?? parts.ecgs);
  if (lossGradients === 'sum') return { ...pass.gradientOf(parts.terms, weights), squares: {} };
  const sum = new Map<string, tf.Tensor>();
  let terms: LossTerms = {};
  let squares: LossTerms = {};
  for (const term of parts.terms) {
    const one = pass.gradientOf([term], EQUAL_WEIGHTS);
    const square = sumOfSquares([...one.gradients.values()]);
    const scale = tf.tidy(() => {
      const length = square.sqrt().maximum(SHORTEST);
      const factor = lossGradients === 'clipped' ? tf.scalar(clipNorm).div(length).minimum(1) : length.reciprocal();
      return factor.mul<tf.Scalar>(weights[term]);
    });
    addTo(sum, one.gradients, scale);
    scale.dispose();
    terms = { ...terms, ...one.terms };
    squares = { ...squares, [term]: square };
  }
  return { terms, gradients: sum, squares };
}

/**
 * The terms of a loss and the gradient of their sum, by automatic differentiation.
 *
 * @param weights what the gradient is taken with respect to, by name
 */
export function gradientOfTerms(
  weights: ReadonlyMap<string, tf.Tensor>,
  { terms, total }: { terms: () => LossTerms; total: (terms: LossTerms) => tf.Scalar },
): Omit<LossGradient, 'squares'> {
  let kept: LossTerms = {};
  try {
    const { value, grads } = tf.valueAndGrads(() => {
      kept = terms();
      for (const term of Object.values(kept)) tf.keep(term);
      return total(kept);
    })([...weights.values()]);
    value.dispose();
    const values = Object.fromEntries(Object.entries(kept).map(([name, term]) => [name, term.clone()]));
    return { terms: values, gradients: new Map(Array.from(weights.keys(), (name, i) => [name, grads[i]])) };
  } finally {
    for (const term of Object.values(kept)) term.dispose();
  }
}

/** A gradient shorter than this, a zero among them, is divided by this when it is normalised. */
const SHORTEST = 1e-12;

/** One batch on its way through the model, whole or in parts. */
class Pass {
  readonly #parts: LossParts;
  readonly #parameters: Parameters;
  /** First and last ECG of each part. */
  readonly #ranges: (readonly [number, number])[];
  #projections: tf.Tensor2D | undefined;
  #keys: tf.Tensor2D | undefined;

  constructor(parts: LossParts, parameters: Parameters, size: number) {
    this.#parts = parts;
    this.#parameters = parameters;
    const count = Math.ceil(parts.ecgs / size);
    this.#ranges = Array.from({ length: count }, (_, i) => [i * size, Math.min((i + 1) * size, parts.ecgs)] as const);
  }

  gradientOf(terms: readonly TermName[], weights: LossWeights): Omit<LossGradient, 'squares'> {
    const names = new Set(terms.flatMap((term) => this.#parts.weightsOf(term)));
    const reached = new Map(Array.from(names, (name) => [name, this.#parameters.get(name)]));
    const total = (sum: LossTerms) => hybridLoss(sum, weights);
    const contrastive = contrastiveAmong(terms);
    const keys = contrastive.length === 0 ? undefined : this.#allKeys();
    if (this.#ranges.length === 1) {
      return gradientOfTerms(reached, { terms: () => wholeTerms(this.#parts, terms, keys), total });
    }
    const contrasted =
      contrastive.length === 0
        ? undefined
        : gradientOfTerms(new Map([['rows', this.#allProjections()]]), {
            terms: () => this.#parts.contrast(this.#allProjections(), contrastive, keys),
            total,
          });
    const incoming = contrasted?.gradients.get('rows') as tf.Tensor2D | undefined; // [anchor, 128]
    const gradients = new Map<string, tf.Tensor>();
    const reconstructions: tf.Scalar[] = [];
    for (const [from, to] of this.#ranges) {
      const part = gradientOfTerms(reached, {
        terms: () => (terms.includes('reconstruction') ? { reconstruction: this.#parts.reconstruct(from, to) } : {}),
        total: (own) => {
          const sums = own.reconstruction === undefined ? [] : [total(own)];
          if (incoming !== undefined) sums.push(this.#along(incoming, from, to));
          return sums.reduce((sum, term) => sum.add(term));
        },
      });
      addTo(gradients, part.gradients);
      if (part.terms.reconstruction !== undefined) reconstructions.push(part.terms.reconstruction);
    }
    const reconstruction =
      reconstructions.length === 0 ? {} : { reconstruction: tf.addN(reconstructions) as tf.Scalar };
    return { terms: { ...reconstruction, ...contrasted?.terms }, gradients };
  }

  /** A scalar whose gradient is that of the contrastive terms through the views of these ECGs. */
  #along(incoming: tf.Tensor2D, from: number, to: number): tf.Scalar {
    const [first, last] = this.#rowsOf(from, to);
    const gradient = incoming.slice([first, 0], [last - first, incoming.shape[1]]); // [row, 128]
    return this.#parts.project(first, last).mul(gradient).sum();
  }

  /** Rows of the projections that go through the model with these ECGs; which ECGs they show makes no difference. */
  #rowsOf(from: number, to: number): [number, number] {
    const each = this.#parts.anchors / this.#parts.ecgs;
    return [from * each, to * each];
  }

  #allProjections(): tf.Tensor2D {
    this.#projections ??= joined(
      this.#ranges.map(([from, to]) => tf.tidy(() => this.#parts.project(...this.#rowsOf(from, to)))),
    );
    return this.#projections;
  }

  #allKeys(): tf.Tensor2D | undefined {
    const { projectKeys } = this.#parts;
    if (projectKeys === undefined) return undefined;
    this.#keys ??= joined(this.#ranges.map(([from, to]) => tf.tidy(() => projectKeys(from, to))));
    return this.#keys;
  }
}

function joined(rows: tf.Tensor2D[]): tf.Tensor2D {
  if (rows.length === 1) return rows[0];
  const all = tf.concat(rows);
  for (const some of rows) some.dispose();
  return all;
}

/** Adds gradients to a sum, each times a factor, and releases them. */
function addTo(sum: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>, factor?: tf.Scalar): void {
  for (const [name, gradient] of gradients) {
    const before = sum.get(name);
    const scaled = factor === undefined ? gradient : gradient.mul(factor);
    sum.set(name, before === undefined ? scaled : before.add(scaled));
    if (scaled !== gradient) gradient.dispose();
    if (before !== undefined) {
      before.dispose();
      scaled.dispose();
    }
  }
}
