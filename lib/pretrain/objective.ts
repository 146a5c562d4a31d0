import * as tf from '@tensorflow/tfjs';
import { type Encoder, meanOfPatches } from '../model/encoder';
import { createMaeDecoder, DEFAULT_DECODER, type DecoderArchitecture, type MaeDecoder } from '../model/mae-decoder';
import { patchify } from '../model/patchify';
import { addProjector, project } from '../model/projector';
import { type Masking, randomMasking, shuffledRange } from '../model/random-masking';
import { randomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';
import { type AugmentationOptions, DEFAULT_AUGMENTATION, twoViews } from './augmentation';
import { contrastiveLoss, patientPositives, samplePositives } from './contrastive-loss';
import { EQUAL_WEIGHTS, hybridLoss, type LossTerms, type LossWeights } from './hybrid-loss';
import type { Method } from './method';
import { reconstructionLoss } from './reconstruction-loss';

/** The three ways of pretraining. */
export type PretrainingMethod = Exclude<Method, 'random'>;

/** What the loss of a pretraining depends on, beside weights and data. */
export interface ObjectiveOptions {
  readonly maskRatio: number;
  readonly targets: 'raw' | 'normalised';
  readonly temperature: number;
  readonly lossWeights: LossWeights;
  readonly augmentation: AugmentationOptions;
  readonly decoder: DecoderArchitecture;
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

  /** Adds to the encoder the decoder (GL, HL) and the projector (CL, HL), started from the seed. */
  constructor(method: PretrainingMethod, encoder: Encoder, { seed, ...options }: ObjectiveOptions & { seed: number }) {
    this.method = method;
    this.encoder = encoder;
    this.#options = options;
    this.#seed = seed;
    if (method !== 'contrastive') this.decoder = createMaeDecoder(encoder, { architecture: options.decoder, seed });
    if (method !== 'generative') addProjector(encoder, { seed });
  }

  /**
   * Draws what is random in a step (mask, views) and returns the loss as a function of the weights.
   *
   * @param step decides, with the seed, mask and views: the same step draws the same
   */
  prepare({ ecgs, patientIds, views: drawn }: EcgBatch, step: number): () => LossTerms {
    const batch = patientIds.length;
    const { maskRatio, augmentation } = this.#options;
    const { patches } = this.encoder.architecture;
    const masking = randomMasking(
      { batch, patches },
      { ratio: maskRatio, stream: randomStream(this.#seed, 'mask', step) },
    );
    const views =
      this.method === 'generative'
        ? undefined
        : (drawn ?? twoViews(ecgs, { stream: randomStream(this.#seed, 'views', step), options: augmentation }));
    return () => ({
      ...(this.decoder === undefined ? {} : this.#generativeTerm(ecgs, masking)),
      ...(views === undefined ? {} : this.#contrastiveTerms(views, patientIds)),
    });
  }

  /** The weighted sum of the terms, Eq. 3. */
  total(terms: LossTerms): tf.Scalar {
    return hybridLoss(terms, this.#options.lossWeights);
  }

  dispose(): void {
    this.decoder?.dispose();
    this.encoder.dispose();
  }

  #generativeTerm(ecgs: Float32Array, masking: Masking): LossTerms {
    const signal = tf.tensor3d(ecgs, [masking.batch, LEADS.length, SAMPLES]);
    const patches = patchify(signal, this.encoder.architecture.patchSize); // [batch, patch, lead * size]
    const visible = shuffledRange(masking, 0, masking.kept);
    const tokens = this.encoder.encodePatches(patches, visible); // [batch, 1 + kept, dim]
    const predicted = this.decoder!.decodeMasked(tokens, masking); // [batch, masked, lead * size]
    const { targets } = this.#options;
    return { reconstruction: reconstructionLoss(predicted, patches, { masking, targets }) };
  }

  #contrastiveTerms(views: Float32Array, patientIds: readonly string[]): LossTerms {
    const batch = patientIds.length;
    const signal = tf.tensor3d(views, [2 * batch, LEADS.length, SAMPLES]); // [view, lead, sample]
    const patches = patchify(signal, this.encoder.architecture.patchSize); // [view, patch, lead * size]
    const embeddings = meanOfPatches(this.encoder.encodePatches(patches)); // [view, dim]
    const projections = project(this.encoder.parameters, embeddings); // [view, 128]
    const { temperature } = this.#options;
    return {
      sample: contrastiveLoss(projections, samplePositives(batch), { temperature }),
      patient: contrastiveLoss(projections, patientPositives(patientIds), { temperature }),
    };
  }
}
