import { join } from 'node:path';
import { ArgumentError } from '../errors';
import type { Architecture } from '../model/architecture';
import { createEncoder, type Encoder } from '../model/encoder';
import { randomMasking } from '../model/random-masking';
import { readWeights } from '../model/weights-file';
import type { Method } from '../pretrain/method';
import { WEIGHTS_FILE } from '../pretrain/pretrain';
import { reconstruct } from '../pretrain/reconstruct';
import { type MetricsRow, readMetrics } from '../pretrain/training-log';
import { randomStream } from '../random';
import type { Run } from './run-store';

/** One ECG with some patches masked, and what a model made of them. */
export interface ReconstructedEcg {
  /** `[lead, sample]`, mV; the visible patches as they were, the masked ones as predicted. */
  readonly signal: Float32Array;
  /** `[patch]`: 1 where the encoder did not see it. */
  readonly masked: Uint8Array;
}

/** An encoder of a study, on disk or at its random start, and the curves of its training. */
export class PretrainedModel {
  readonly method: Method;
  readonly architecture: Architecture;
  readonly seed: number;
  /** The run that trained it; the random encoder has none, it follows from architecture and seed. */
  readonly run?: Run;
  readonly #pretraining: { readonly maskRatio: number; readonly targets: 'raw' | 'normalised' };

  constructor(
    what: { method: Method; architecture: Architecture; seed: number; run?: Run },
    pretraining: { readonly maskRatio: number; readonly targets: 'raw' | 'normalised' },
  ) {
    this.method = what.method;
    this.architecture = what.architecture;
    this.seed = what.seed;
    this.run = what.run;
    this.#pretraining = pretraining;
  }

  /** The curves: a row a step; empty for the random encoder. */
  history(): MetricsRow[] {
    return this.run === undefined ? [] : readMetrics(this.run.folder);
  }

  /** The encoder with its weights; the caller disposes it. */
  encoder(): Encoder {
    if (this.run === undefined) return createEncoder(this.architecture, { seed: this.seed });
    const { encoder, decoder } = readWeights(join(this.run.folder, WEIGHTS_FILE));
    decoder?.dispose(); // its positions; its weights are the encoder's to dispose
    return encoder;
  }

  /** True for GL and HL, which have a decoder. */
  get reconstructs(): boolean {
    return this.method === 'generative' || this.method === 'hybrid';
  }

  /**
   * Masks an ECG at random, at the ratio of the pretraining, and fills the masked patches in.
   *
   * @param ecg `[lead, sample]`, mV
   * @param options.seed decides the mask; models of one patch size mask alike
   * @throws ArgumentError for a method without a decoder
   */
  reconstruct(ecg: Float32Array, { seed = 0 }: { seed?: number } = {}): ReconstructedEcg {
    const { maskRatio, targets } = this.#pretraining;
    if (!this.reconstructs || this.run === undefined) {
      throw new ArgumentError('reconstruction', { expected: 'a model with a decoder: GL or HL', actual: this.method });
    }
    const { encoder, decoder } = readWeights(join(this.run.folder, WEIGHTS_FILE));
    try {
      const { patches } = encoder.architecture;
      const stream = randomStream(seed, 'reconstruction');
      const masking = randomMasking({ batch: 1, patches }, { ratio: maskRatio, stream });
      const signal = reconstruct({ encoder, decoder: decoder! }, ecg, { masking, targets });
      return { signal, masked: masking.mask };
    } finally {
      decoder?.dispose();
      encoder.dispose();
    }
  }
}
