import * as tf from '@tensorflow/tfjs';
import { linear } from '../engine/linear';
import { maxPool1d } from '../engine/max-pool1d';
import { ArgumentError } from '../errors';
import { randomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';
import { addBatchNorm, addBottleneck, addConvolution, bottleneck, convNormRelu, type ResNetPass } from './bottleneck';
import { Parameters } from './parameters';
import {
  blockPlan,
  type ResNetArchitecture,
  type ResolvedResNetArchitecture,
  resolveResNetArchitecture,
} from './resnet-architecture';

/** How a pass through the network normalises. */
export interface ResNetMode {
  /** By the statistics of the batch, which the running ones then take up; default false: by the running ones. */
  readonly training?: boolean;
}

/**
 * A 1-D residual network on 12-lead ECGs, by default ResNet50: the paper's baseline without pretraining (He et al., 2016;
 * torchvision's resnet50 with its k x k kernels k samples wide).
 *
 * Weights carry torchvision's names and PyTorch's shapes. `parameters` are trained; `buffers` are the running statistics
 * of the batch norms, which a pass in training mode moves by a tenth towards the batch's.
 */
export class ResNet {
  readonly architecture: ResolvedResNetArchitecture;
  readonly parameters: Parameters;
  readonly buffers: Parameters;

  constructor(architecture: ResolvedResNetArchitecture, parameters: Parameters, buffers: Parameters) {
    this.architecture = architecture;
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /**
   * Features of ECGs: the mean over time of the last stage.
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @returns `[batch, 32 * width]`, 2048 for ResNet50
   */
  features(ecgs: tf.Tensor3D, { training = false }: ResNetMode = {}): tf.Tensor2D {
    assertEcgs(ecgs);
    const { parameters, buffers } = this;
    const pass: ResNetPass = { parameters, buffers, training };
    return tf.tidy(() => {
      const signal = ecgs.transpose<tf.Tensor3D>([0, 2, 1]); // [batch, sample, lead]
      const start = convNormRelu(pass, ['conv1', 'bn1'], signal, { stride: 2, padding: 3 }); // [batch, 1250, width]
      let x = maxPool1d(start, { width: 3, stride: 2, padding: 1 }); // [batch, 625, width]
      for (const { name, stride } of blockPlan(this.architecture)) {
        const previous = x;
        x = bottleneck(pass, name, { x: previous, stride }); // [batch, 625 / 2^stage, 4 * 2^stage * width]
        previous.dispose();
      }
      return x.mean<tf.Tensor2D>(1); // [batch, 32 * width]
    });
  }

  /**
   * Logits of the head `fc`: an affine map of the features.
   *
   * @param ecgs `[batch, lead = 12, sample = 2500]`, mV
   * @returns `[batch, outputs]`
   * @throws ArgumentError when the network was made without a head
   */
  logits(ecgs: tf.Tensor3D, mode: ResNetMode = {}): tf.Tensor2D {
    if (this.architecture.outputs === 0) {
      throw new ArgumentError('ResNet', { expected: 'a head: outputs >= 1', actual: 'outputs 0' });
    }
    return tf.tidy(() => {
      const features = this.features(ecgs, mode); // [batch, 32 * width]
      return linear(features, this.parameters.get('fc.weight'), this.parameters.get('fc.bias')); // [batch, outputs]
    });
  }

  dispose(): void {
    this.parameters.dispose();
    this.buffers.dispose();
  }
}

/**
 * A residual network at its random start, as torchvision makes it: convolutions N(0, 2 / (out * kernel)), gains one,
 * biases zero, the head uniform on +-1 / sqrt(features).
 *
 * @param architecture width, blocks, outputs; default 1D-ResNet50 without a head
 * @param options.seed every weight follows from it
 * @throws ArgumentError for an architecture that cannot be
 */
export function createResNet(architecture: ResNetArchitecture, { seed }: { seed: number }): ResNet {
  const resolved = resolveResNetArchitecture(architecture);
  const { width, outputs, features } = resolved;
  const model = { parameters: new Parameters(), buffers: new Parameters() };
  const { parameters, buffers } = model;
  const stream = (name: string) => randomStream(seed, 'weights', name);
  addConvolution(parameters, 'conv1', { shape: [width, LEADS.length, 7], stream: stream('conv1') });
  addBatchNorm(model, 'bn1', width);
  for (const { name, ...shape } of blockPlan(resolved)) addBottleneck(model, name, { ...shape, stream: stream(name) });
  if (outputs > 0) {
    const uniform = stream('fc');
    const draw = (count: number) =>
      Float32Array.from({ length: count }, () => (2 * uniform.uniform() - 1) / Math.sqrt(features));
    parameters.set('fc.weight', tf.tensor2d(draw(outputs * features), [outputs, features]));
    parameters.set('fc.bias', tf.tensor1d(draw(outputs)));
  }
  return new ResNet(resolved, parameters, buffers);
}

function assertEcgs(ecgs: tf.Tensor3D): void {
  const [, leads, samples] = ecgs.shape;
  if (ecgs.rank !== 3 || leads !== LEADS.length || samples !== SAMPLES) {
    throw new ArgumentError('ECGs', {
      expected: `[batch, ${LEADS.length}, ${SAMPLES}]`,
      actual: `[${ecgs.shape.join(', ')}]`,
    });
  }
}
