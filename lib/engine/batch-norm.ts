import * as tf from '@tensorflow/tfjs';
import { frugalGradient } from './frugal-gradient';
import { hasNativeKernels, nativeLayer } from './native-kernels';

/** Mean and variance of each channel, `[channel]`. */
export interface ChannelStatistics {
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/** Added to a variance before its root is taken; PyTorch's default, and the native kernel's. */
const BATCH_NORM_EPSILON = 1e-5;

/**
 * Batch normalisation as a network trains: each channel is normalised by its mean and (biased) variance over all samples
 * of the batch, y = (x - mean) / sqrt(variance + epsilon) * gain + bias (Ioffe and Szegedy, 2015).
 *
 * dx = gain r (dy - mean(dy) - n mean(dy n)), n the normalised x and r the reciprocal deviation. On the CPU a kernel of
 * the kit computes each direction. It sums in float64: TensorFlow's own kernel, which on some processors is oneDNN's,
 * is coarser by a factor of 10 to 30, enough to switch a ReLU. `plainBatchNorm` is the twin in plain ops.
 *
 * @param x `[batch, sample, channel]`
 * @param gain `[channel]`
 * @param bias `[channel]`
 * @param options.onStatistics hears the batch's mean and unbiased variance, for running ones; they live until it returns
 * @returns `[batch, sample, channel]`
 */
export function trainingBatchNorm(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  { onStatistics }: { onStatistics?: (batch: ChannelStatistics) => void } = {},
): tf.Tensor3D {
  const rows = x.shape[0] * x.shape[1];
  const tell = (mean: tf.Tensor1D, variance: tf.Tensor1D) => {
    onStatistics?.({ mean, variance: variance.mul(rows / (rows - 1)) });
  };
  if (!hasNativeKernels()) return composed(x, gain, bias, tell);
  const inputs = [x.reshape([rows, x.shape[2]]), gain, bias];
  const onIntermediate = ([mean, variance]: tf.Tensor[]) => tell(mean as tf.Tensor1D, variance as tf.Tensor1D);
  return nativeLayer('BatchNorm', inputs, { outputs: 3, onIntermediate }).reshape(x.shape);
}

/**
 * Batch normalisation by given statistics, as a trained network computes: an affine map of each channel.
 *
 * @param x `[batch, sample, channel]`
 * @param gain `[channel]`
 * @param bias `[channel]`
 * @param statistics running mean and variance; no gradient is taken
 * @returns `[batch, sample, channel]`
 */
export function evaluationBatchNorm(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  { mean, variance }: ChannelStatistics,
): tf.Tensor3D {
  const normalise = tf.customGrad((input, gain1d, bias1d, save) => {
    const reciprocal = variance.add(BATCH_NORM_EPSILON).rsqrt(); // [channel]
    const scale = reciprocal.mul(gain1d as tf.Tensor);
    (save as tf.GradSaveFunc)([input as tf.Tensor, scale, mean, reciprocal]);
    return {
      value: (input as tf.Tensor).mul(scale).add((bias1d as tf.Tensor).sub(mean.mul(scale))),
      gradFunc: frugalGradient((dy, [inputSaved, scaleSaved, meanSaved, reciprocalSaved]) => {
        const normal = inputSaved.sub(meanSaved).mul(reciprocalSaved);
        return [dy.mul(scaleSaved), channelSums(dy.mul(normal)), channelSums(dy)];
      }),
    };
  });
  return normalise(x, gain, bias) as tf.Tensor3D;
}

/** Both in plain ops and automatic gradients: the reference that tests hold them to. */
export function plainBatchNorm(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  statistics?: ChannelStatistics,
): tf.Tensor3D {
  const { mean, variance } = statistics ?? tf.moments(x, [0, 1]);
  return x.sub(mean).mul(variance.add(BATCH_NORM_EPSILON).rsqrt()).mul(gain).add(bias);
}

function composed(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  tell: (mean: tf.Tensor1D, variance: tf.Tensor1D) => void,
): tf.Tensor3D {
  const rows = x.shape[0] * x.shape[1];
  const normalise = tf.customGrad((input, gain1d, bias1d, save) => {
    const mean = channelSums(input as tf.Tensor).div<tf.Tensor1D>(rows);
    const centred = (input as tf.Tensor).sub(mean);
    const variance = channelSums(centred.square()).div<tf.Tensor1D>(rows);
    const reciprocal = variance.add(BATCH_NORM_EPSILON).rsqrt(); // [channel]
    (save as tf.GradSaveFunc)([input as tf.Tensor, gain1d as tf.Tensor, mean, reciprocal]);
    tell(mean, variance);
    return {
      value: centred.mul(reciprocal.mul(gain1d as tf.Tensor)).add(bias1d as tf.Tensor),
      gradFunc: frugalGradient((dy, [inputSaved, gainSaved, meanSaved, reciprocalSaved]) => {
        const normal = inputSaved.sub(meanSaved).mul(reciprocalSaved);
        const dGain = channelSums(dy.mul(normal));
        const dBias = channelSums(dy);
        const along = normal.mul(dGain.div(rows)); // n mean(dy n)
        const dx = dy.sub(dBias.div(rows)).sub(along).mul(gainSaved.mul(reciprocalSaved));
        return [dx, dGain, dBias];
      }),
    };
  });
  return normalise(x, gain, bias) as tf.Tensor3D;
}

/** Sums over samples, then over the batch: `[batch, sample, channel]` to `[channel]`. */
function channelSums(x: tf.Tensor): tf.Tensor1D {
  return x.sum(1).sum(0);
}
