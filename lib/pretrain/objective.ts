import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors';
import { type Encoder, type Pooling, pool } from '../model/encoder';
import { createMaeDecoder, DEFAULT_DECODER, type DecoderArchitecture, type MaeDecoder } from '../model/mae-decoder';
import { patchify } from '../model/patchify';
import { addProjector, project } from '../model/projector';
import { type Masking, randomMasking, shuffledRange, sliceMasking } from '../model/random-masking';
import { randomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';
import { type AugmentationOptions, assertAugmentation, DEFAULT_AUGMENTATION, twoViews } from './augmentation';
import { type BatchLoss, type LossParts, type TermName, wholeTerms } from './batch-loss';
import { contrastiveLoss, type Positives, patientPositives, samplePositives } from './contrastive-loss';
import { assertDecay, EmaTarget, type EmaTargetOptions } from './ema-target';
import { EQUAL_WEIGHTS, hybridLoss, type LossTerms, type LossWeights } from './hybrid-loss';
import type { GradientOptions } from './loss-gradient';
import type { PretrainingMethod } from './method';
import { judgedSamples, reconstructionLoss } from './reconstruction-loss';

/** What the loss of a pretraining depends on, beside weights and data, and how its gradient is taken. */
export interface ObjectiveOptions extends Omit<GradientOptions, 'weights'> {
  readonly maskRatio: number;
  readonly targets: 'raw' | 'normalised';
  /** Which patches the reconstruction is judged on; default `masked`. */
  readonly reconstructed?: 'masked' | 'all';
  /**
   * The absolute errors of the reconstruction: their `mean` over the samples (default, as MAE), or their `sum` over an
   * ECG's samples, as Eq. 1 writes it, averaged over the ECGs. The sum is thousands of times the mean, so `clipNorm`,
   * and in HL the weights of the losses, mean something else.
   */
  readonly reduction?: 'mean' | 'sum';
  readonly temperature: number;
  /** A term whose weight is 0 is not computed. */
  readonly lossWeights: LossWeights;
  readonly augmentation: AugmentationOptions;
  readonly decoder: DecoderArchitecture;
  /**
   * Share of each view's patches, in (0, 1), that are left out before the encoder; default none. Half as many tokens are
   * about half the work (FLIP, Li et al., 2023, where what is learnt is as good).
   */
  readonly viewMaskRatio?: number;
  /** What of an ECG is projected and contrasted; default `mean`, the mean of its patch tokens. */
  readonly pooling?: Pooling;
  /**
   * A momentum copy of encoder and projector embeds the second views, without gradient, and the first views are
   * contrasted with those (CMAE, Huang et al., 2022); default none: both views go through the trained encoder.
   */
  readonly emaTarget?: EmaTargetOptions;
}

export const DEFAULT_OBJECTIVE: ObjectiveOptions = {
  maskRatio: 0.75,
  targets: 'raw',
  temperature: 0.1,
  lossWeights: EQUAL_WEIGHTS,
  augmentation: DEFAULT_AUGMENTATION,
  decoder: DEFAULT_DECODER,
};

/** ECGs of a batch and the patients they come from. */
export interface EcgBatch {
  /** `[batch, lead, sample]`, mV */
  readonly ecgs: Float32Array;
  readonly patientIds: readonly string[];
  /** `[2 * batch, lead, sample]`: the views of this step, when they have been drawn ahead; else `prepare` draws them. */
  readonly views?: Float32Array;
}

const TERMS: Record<PretrainingMethod, readonly TermName[]> = {
  generative: ['reconstruction'],
  contrastive: ['sample', 'patient'],
  hybrid: ['reconstruction', 'sample', 'patient'],
};

/**
 * What a method minimises: the loss of a batch, as a function of the weights (section 3.2 of the paper).
 *
 * GL: a masked pass, Eq. 1. CL: two augmented views, Eq. 2 at sample and at patient level. HL: both passes through the
 * one encoder, Eq. 3. The decoder and the projector that it adds to the encoder's weights serve pretraining alone.
 */
export class Objective {
  readonly method: PretrainingMethod;
  readonly encoder: Encoder;
  readonly decoder?: MaeDecoder;
  readonly #options: ObjectiveOptions;
  readonly #seed: number;
  readonly #terms: readonly TermName[];
  readonly #generativeWeights: readonly string[];
  readonly #contrastiveWeights: readonly string[];
  readonly #target?: EmaTarget;

  /**
   * Adds to the encoder the decoder (GL, HL) and the projector (CL, HL), started from the seed.
   *
   * @throws ArgumentError when no term of the method has a weight, or an option is out of its range
   */
  constructor(method: PretrainingMethod, encoder: Encoder, { seed, ...options }: ObjectiveOptions & { seed: number }) {
    this.method = method;
    this.encoder = encoder;
    this.#options = options;
    this.#seed = seed;
    this.#terms = TERMS[method].filter((term) => options.lossWeights[term] > 0);
    assertOptions(method, this.#terms, options);
    const { parameters } = encoder;
    const ofEncoder = parameters.names();
    if (this.#terms.includes('reconstruction')) {
      this.decoder = createMaeDecoder(encoder, { architecture: options.decoder, seed });
    }
    this.#generativeWeights = parameters.names();
    const isContrastive = this.#terms.some((term) => term !== 'reconstruction');
    if (isContrastive) addProjector(encoder, { seed });
    const ofProjector = parameters.names().slice(this.#generativeWeights.length);
    this.#contrastiveWeights = [...ofEncoder, ...ofProjector];
    if (isContrastive && options.emaTarget !== undefined) {
      this.#target = new EmaTarget(encoder, { ...options.emaTarget, names: this.#contrastiveWeights });
    }
  }

  /**
   * Draws what is random in a step (mask, views) and returns the loss as a function of the weights.
   *
   * @param step decides, with the seed, mask and views: the same step draws the same
   */
  prepare({ ecgs, patientIds, views: drawn }: EcgBatch, step: number): BatchLoss {
    const batch = patientIds.length;
    const { maskRatio, viewMaskRatio, augmentation, lossGradients, microBatchSize } = this.#options;
    const { lossWeights: weights } = this.#options;
    const { patches } = this.encoder.architecture;
    const masking = randomMasking(
      { batch, patches },
      { ratio: maskRatio, stream: randomStream(this.#seed, 'mask', step) },
    );
    const needsViews = this.#terms.some((term) => term !== 'reconstruction');
    const views = needsViews
      ? (drawn ?? twoViews(ecgs, { stream: randomStream(this.#seed, 'views', step), options: augmentation }))
      : new Float32Array(0);
    const viewMasking =
      viewMaskRatio === undefined
        ? undefined
        : randomMasking(
            { batch: 2 * batch, patches },
            { ratio: viewMaskRatio, stream: randomStream(this.#seed, 'view mask', step) },
          );
    const parts = this.#parts({ ecgs, views, patientIds, masking, viewMasking });
    const whole = () => wholeTerms(parts, this.#terms, parts.projectKeys?.(0, batch));
    const updated = () => this.#target?.follow(this.encoder.parameters);
    return Object.assign(whole, { parts, gradientOptions: { weights, lossGradients, microBatchSize }, updated });
  }

  /** The weighted sum of the terms, Eq. 3. */
  total(terms: LossTerms): tf.Scalar {
    return hybridLoss(terms, this.#options.lossWeights);
  }

  /** Copies of what is learnt beside the encoder's weights, `target.<weight>`; the caller disposes them. */
  state(): Map<string, tf.Tensor> {
    return this.#target?.state() ?? new Map();
  }

  /** Goes on from a saved state, of which it takes copies. @throws FormatError when a weight is missing or misshapen */
  restore(state: ReadonlyMap<string, tf.Tensor>): void {
    this.#target?.restore(state);
  }

  dispose(): void {
    this.#target?.dispose();
    this.decoder?.dispose();
    this.encoder.dispose();
  }

  #parts({ ecgs, views, patientIds, masking, viewMasking }: Drawn): LossParts {
    const batch = masking.batch;
    const among = this.#target === undefined ? 'views' : 'keys';
    const positives: Record<string, Positives> = {}; // both are a matrix of all views: made once, when first asked for
    const target = this.#target;
    const { pooling } = this.#options;
    const visibleOf = (from: number, to: number) =>
      viewMasking && shuffledRange(sliceMasking(viewMasking, from, to), 0, viewMasking.kept);
    return {
      terms: this.#terms,
      ecgs: batch,
      anchors: among === 'views' ? 2 * batch : batch,
      weightsOf: (term) => (term === 'reconstruction' ? this.#generativeWeights : this.#contrastiveWeights),
      reconstruct: (from, to) => this.#reconstruct(ecgs, masking, from, to),
      project: (from, to) => {
        const patches = this.#patches(views, from, to);
        const tokens = this.encoder.encodePatches(patches, visibleOf(from, to)); // [view, 1 + kept, dim]
        return project(this.encoder.parameters, pool(tokens, pooling)); // [view, 128]
      },
      ...(target === undefined
        ? {}
        : {
            projectKeys: (from: number, to: number) =>
              tf.tidy(() => {
                const visible = visibleOf(batch + from, batch + to);
                return target.project(this.#patches(views, batch + from, batch + to), { pooling, visible });
              }),
          }),
      contrast: (projections, terms, keys) => {
        const { temperature } = this.#options;
        const loss = (term: TermName) => {
          positives[term] ??=
            term === 'sample' ? samplePositives(batch, { among }) : patientPositives(patientIds, { among });
          return contrastiveLoss(projections, positives[term], { temperature, keys });
        };
        return Object.fromEntries(terms.map((term) => [term, loss(term)]));
      },
    };
  }

  /** The share of the ECGs `from` up to `to` in the reconstruction loss of the batch. */
  #reconstruct(ecgs: Float32Array, whole: Masking, from: number, to: number): tf.Scalar {
    const { targets, reconstructed, reduction } = this.#options;
    const { patchSize } = this.encoder.architecture;
    const masking = sliceMasking(whole, from, to);
    const patches = this.#patches(ecgs, from, to); // [batch, patch, lead * size]
    const visible = shuffledRange(masking, 0, masking.kept);
    const tokens = this.encoder.encodePatches(patches, visible); // [batch, 1 + kept, dim]
    const predicted =
      reconstructed === 'all' ? this.decoder!.decodeAll(tokens, masking) : this.decoder!.decodeMasked(tokens, masking);
    const loss = reconstructionLoss(predicted, patches, { masking, targets, reconstructed });
    const samples = (some: Masking) => judgedSamples(some, { patchSize, reconstructed });
    if (reduction === 'sum') return loss.mul((LEADS.length * samples(masking)) / whole.batch);
    return to - from === whole.batch ? loss : loss.mul(samples(masking) / samples(whole));
  }

  /** `[to - from, patch, lead * patchSize]` of the ECGs or views `from` up to `to`. */
  #patches(ecgs: Float32Array, from: number, to: number): tf.Tensor3D {
    const size = LEADS.length * SAMPLES;
    const signal = tf.tensor3d(ecgs.subarray(from * size, to * size), [to - from, LEADS.length, SAMPLES]);
    return patchify(signal, this.encoder.architecture.patchSize, this.encoder.architecture);
  }
}

/** A batch and what was drawn for it. */
interface Drawn {
  readonly ecgs: Float32Array;
  /** `[2 * batch, lead, sample]`, empty where no term needs them. */
  readonly views: Float32Array;
  readonly patientIds: readonly string[];
  readonly masking: Masking;
  /** Of the views, `2 * batch`; undefined where they are seen whole. */
  readonly viewMasking?: Masking;
}

/** Options that are one of a few words. */
const CHOICES = {
  targets: ['raw', 'normalised'],
  reconstructed: ['masked', 'all'],
  reduction: ['mean', 'sum'],
  pooling: ['mean', 'cls'],
  lossGradients: ['sum', 'clipped', 'normalised'],
} as const satisfies { readonly [key in keyof ObjectiveOptions]?: readonly ObjectiveOptions[key][] };

function assertOptions(method: PretrainingMethod, terms: readonly TermName[], options: ObjectiveOptions): void {
  const { lossWeights, temperature, microBatchSize, emaTarget, viewMaskRatio } = options;
  for (const [term, weight] of Object.entries(lossWeights)) {
    if (weight >= 0 && Number.isFinite(weight)) continue;
    throw new ArgumentError('lossWeights', { expected: 'numbers >= 0', actual: String(weight), where: { key: term } });
  }
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new ArgumentError('temperature', { expected: 'a number above 0', actual: String(temperature) });
  }
  for (const [key, choices] of Object.entries(CHOICES) as [keyof typeof CHOICES, readonly string[]][]) {
    const choice = options[key];
    if (choice === undefined || choices.includes(choice)) continue;
    throw new ArgumentError(key, { expected: choices.join(' or '), actual: String(choice) });
  }
  if (terms.length === 0) {
    throw new ArgumentError('loss weights', {
      expected: `a weight above 0 for one of ${TERMS[method].join(', ')}`,
      actual: JSON.stringify(lossWeights),
    });
  }
  const ratios = { maskRatio: terms.includes('reconstruction') ? options.maskRatio : undefined, viewMaskRatio };
  for (const [key, ratio] of Object.entries(ratios)) {
    if (ratio === undefined || (ratio > 0 && ratio < 1)) continue;
    throw new ArgumentError(key, { expected: 'a share in (0, 1)', actual: String(ratio) });
  }
  if (microBatchSize !== undefined && !(Number.isInteger(microBatchSize) && microBatchSize > 0)) {
    throw new ArgumentError('microBatchSize', { expected: 'a positive integer', actual: String(microBatchSize) });
  }
  if (method !== 'generative') assertAugmentation(options.augmentation);
  if (emaTarget !== undefined) assertDecay(emaTarget.decay); // before anything is made that would have to be released
}
