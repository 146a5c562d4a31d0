import * as tf from '@tensorflow/tfjs';
import { evaluationBatchNorm, trainingBatchNorm } from '../engine/batch-norm';
import { type ConvOptions, conv1d } from '../engine/conv1d';
import { addRelu, relu } from '../engine/relu';
import type { RandomStream } from '../random';
import type { Parameters } from './parameters';
import { EXPANSION } from './resnet-architecture';

/** Share of a new batch in the running statistics; PyTorch's default. */
export const BATCH_NORM_MOMENTUM = 0.1;

/** Weights, running statistics, and which of the two ways to normalise. */
export interface ResNetPass {
  /** Weights, which are trained. */
  readonly parameters: Parameters;
  /** Running statistics of the batch norms, which are not. */
  readonly buffers: Parameters;
  /** By the batch's statistics, which the running ones take up, or by the running ones. */
  readonly training: boolean;
}

/** Adds a convolution, N(0, 2 / (out * kernel)) (He et al., 2015), as torchvision starts it. */
export function addConvolution(
  parameters: Parameters,
  name: string,
  { shape, stream }: { shape: readonly [out: number, input: number, kernel: number]; stream: RandomStream },
): void {
  const [outSize, inSize, kernel] = shape;
  const deviation = Math.sqrt(2 / (outSize * kernel));
  const values = Float32Array.from({ length: outSize * inSize * kernel }, () => deviation * stream.normal());
  parameters.set(`${name}.weight`, tf.tensor3d(values, [outSize, inSize, kernel]));
}

/** Adds a batch norm: gain one and bias zero; running mean zero and variance one. */
export function addBatchNorm({ parameters, buffers }: Omit<ResNetPass, 'training'>, name: string, channels: number) {
  parameters.set(`${name}.weight`, tf.ones([channels]));
  parameters.set(`${name}.bias`, tf.zeros([channels]));
  buffers.set(`${name}.running_mean`, tf.zeros([channels]));
  buffers.set(`${name}.running_var`, tf.ones([channels]));
  buffers.set(`${name}.num_batches_tracked`, tf.scalar(0));
}

/** Adds one bottleneck's weights under torchvision's names; a block that changes the shape has a `downsample`. */
export function addBottleneck(
  model: Omit<ResNetPass, 'training'>,
  name: string,
  { input, width, stride, stream }: { input: number; width: number; stride: number; stream: RandomStream },
): void {
  const { parameters } = model;
  const output = EXPANSION * width;
  addConvolution(parameters, `${name}.conv1`, { shape: [width, input, 1], stream });
  addBatchNorm(model, `${name}.bn1`, width);
  addConvolution(parameters, `${name}.conv2`, { shape: [width, width, 3], stream });
  addBatchNorm(model, `${name}.bn2`, width);
  addConvolution(parameters, `${name}.conv3`, { shape: [output, width, 1], stream });
  addBatchNorm(model, `${name}.bn3`, output);
  if (stride !== 1 || input !== output) {
    addConvolution(parameters, `${name}.downsample.0`, { shape: [output, input, 1], stream });
    addBatchNorm(model, `${name}.downsample.1`, output);
  }
}

/**
 * A bottleneck block (He et al., 2016), y = relu(x + f(x)), f three convolutions 1, 3 and 1 wide, each normalised. The
 * stride is in the second, as in torchvision ("v1.5"); where it or the width changes, x goes through one of its own.
 *
 * @param x `[batch, sample, channel]`
 * @returns `[batch, sample / stride, 4 * width]`
 */
export function bottleneck(
  pass: ResNetPass,
  name: string,
  { x, stride }: { x: tf.Tensor3D; stride: number },
): tf.Tensor3D {
  return tf.tidy(() => {
    const narrow = convNormRelu(pass, [`${name}.conv1`, `${name}.bn1`], x); // [batch, sample, width]
    const mixed = convNormRelu(pass, [`${name}.conv2`, `${name}.bn2`], narrow, { stride, padding: 1 }); // [batch, sample / stride, width]
    const residual = convNorm(pass, [`${name}.conv3`, `${name}.bn3`], mixed); // [batch, sample / stride, 4 * width]
    const keepsShape = stride === 1 && x.shape[2] === residual.shape[2];
    const identity = keepsShape ? x : convNorm(pass, [`${name}.downsample.0`, `${name}.downsample.1`], x, { stride }); // [batch, sample / stride, 4 * width]
    return addRelu(residual, identity); // [batch, sample / stride, 4 * width]
  });
}

/** A convolution, its batch norm and ReLU: `[batch, sample, in]` to `[batch, window, out]`. */
export function convNormRelu(
  pass: ResNetPass,
  names: readonly [conv: string, norm: string],
  x: tf.Tensor3D,
  options: ConvOptions = {},
): tf.Tensor3D {
  return tf.tidy(() => relu(convNorm(pass, names, x, options)));
}

function convNorm(
  pass: ResNetPass,
  [conv, bn]: readonly [conv: string, norm: string],
  x: tf.Tensor3D,
  options: ConvOptions = {},
): tf.Tensor3D {
  return tf.tidy(() => norm(pass, bn, conv1d(x, pass.parameters.get<tf.Tensor3D>(`${conv}.weight`), options)));
}

/** The batch norm of that name, `[batch, sample, channel]`; in training its running statistics take up the batch's. */
function norm({ parameters, buffers, training }: ResNetPass, name: string, x: tf.Tensor3D): tf.Tensor3D {
  const gain = parameters.get<tf.Tensor1D>(`${name}.weight`);
  const bias = parameters.get<tf.Tensor1D>(`${name}.bias`);
  if (!training) {
    const mean = buffers.get<tf.Tensor1D>(`${name}.running_mean`);
    return evaluationBatchNorm(x, gain, bias, { mean, variance: buffers.get(`${name}.running_var`) });
  }
  const takeUp = (buffer: string, value: tf.Tensor) => {
    const kept = buffers.get(buffer).mul(1 - BATCH_NORM_MOMENTUM);
    buffers.set(buffer, kept.add(value.mul(BATCH_NORM_MOMENTUM)));
  };
  return trainingBatchNorm(x, gain, bias, {
    onStatistics({ mean, variance }) {
      takeUp(`${name}.running_mean`, mean);
      takeUp(`${name}.running_var`, variance);
      const batches = `${name}.num_batches_tracked`;
      buffers.set(batches, buffers.get(batches).add(1));
    },
  });
}
