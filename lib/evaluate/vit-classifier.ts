import * as tf from '@tensorflow/tfjs';
import type { Task } from '../metrics/tasks';
import { Encoder, type Pooling } from '../model/encoder';
import { Parameters } from '../model/parameters';
import { dense } from '../model/transformer-block';
import { writeWeights } from '../model/weights-file';
import { layerDecay } from '../pretrain/layer-decay';
import { randomStream } from '../random';
import { type Classifier, checkTasks, type HeadOptions, logOdds } from './classifier';

/** Standard deviation of the head's weights at the start, timm's. */
const HEAD_DEVIATION = 0.02;

/** Decoder and projector, which pretraining has added to the encoder's weights, are left behind. */
const OF_ENCODER = /^(cls_token$|patch_embed\.|blocks\.|norm\.)/;

/** A Vision Transformer with a linear head on the embedding of the ECG, `head.weight` and `head.bias` as in timm. */
export class VitClassifier<Name extends string = Task> implements Classifier<Name> {
  readonly tasks: readonly Name[];
  readonly encoder: Encoder;
  readonly pooling: Pooling;
  readonly buffers = new Parameters();

  /** @param encoder its parameters hold the head's; it is disposed with the classifier */
  constructor(encoder: Encoder, { tasks, pooling }: { tasks: readonly Name[]; pooling: Pooling }) {
    this.tasks = tasks;
    this.encoder = encoder;
    this.pooling = pooling;
  }

  get parameters(): Parameters {
    return this.encoder.parameters;
  }

  get patches(): number {
    return this.encoder.architecture.patches;
  }

  logits(ecgs: tf.Tensor3D, { visible }: { visible?: Int32Array } = {}): tf.Tensor2D {
    return tf.tidy(() => {
      const embeddings = this.encoder.embed(ecgs, { pooling: this.pooling, visible }); // [batch, dim]
      return dense(this.parameters, 'head', embeddings); // [batch, task]
    });
  }

  rateMultipliers(decay: number): ReadonlyMap<string, number> {
    return layerDecay(this.parameters.names(), { decay, depth: this.encoder.architecture.blockDepth });
  }

  write(path: string, { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {}): void {
    const own = { tasks: JSON.stringify(this.tasks), pooling: this.pooling };
    writeWeights(path, { encoder: this.encoder }, { metadata: { ...own, ...metadata } });
  }

  dispose(): void {
    this.encoder.dispose();
  }
}

/**
 * Puts a linear head on an encoder, pretrained or at its random start, to be trained as a whole (section 3.2 of the
 * paper, fine-tuning; He et al., 2022, as in MAE with global pooling).
 *
 * The head's weights start N(0, .02) (timm's truncated normal, which cuts at 100 deviations), its biases at zero or at
 * the log-odds.
 *
 * @param encoder copied: it stays as it is, so that one encoder serves several trainings
 * @param options.tasks a logit each
 * @param options.seed the head's weights follow from it
 * @param options.pooling what of an ECG the head sees: the mean of its patch tokens (default), or its CLS token
 * @param options.prevalence share of positives a task, for the biases
 * @throws ArgumentError when there is no task, or a share is not between 0 and 1
 */
export function vitClassifier<Name extends string = Task>(
  encoder: Encoder,
  { tasks, seed, pooling = 'mean', prevalence }: HeadOptions<Name> & { seed: number; pooling?: Pooling },
): VitClassifier<Name> {
  checkTasks(tasks);
  const biases = prevalence === undefined ? new Float32Array(tasks.length) : logOdds(prevalence, tasks);
  const parameters = new Parameters();
  for (const name of encoder.parameters.names().filter((one) => OF_ENCODER.test(one))) {
    parameters.set(name, encoder.parameters.get(name).add(0)); // training writes into a weight's own memory
  }
  const stream = randomStream(seed, 'weights', 'head');
  const shape: [number, number] = [tasks.length, encoder.architecture.embeddingSize];
  const weights = Float32Array.from({ length: shape[0] * shape[1] }, () => HEAD_DEVIATION * stream.normal());
  parameters.set('head.weight', tf.tensor2d(weights, shape));
  parameters.set('head.bias', tf.tensor1d(biases));
  return new VitClassifier(new Encoder(encoder.architecture, parameters), { tasks, pooling });
}
