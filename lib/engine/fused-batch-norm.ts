import * as tf from '@tensorflow/tfjs';
import { BATCH_NORM_EPSILON, type ChannelStatistics } from './channel-statistics';
import { releaseGradient } from './release-gradient';
import { type OpAttributes, tensorflowOp } from './tensorflow-op';

const fused = (training: boolean): OpAttributes => ({
  types: ['T', 'U'],
  floats: { epsilon: BATCH_NORM_EPSILON },
  flags: { is_training: training },
  strings: { data_format: 'NHWC' },
});

/** Batch normalisation by the batch's own statistics, in TensorFlow's kernel. */
export function fusedTraining(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  onStatistics: (batch: ChannelStatistics) => void,
): tf.Tensor3D {
  const none = tf.zeros([0]);
  return fusedBatchNorm(x, [gain, bias, none, none], {
    training: true,
    reserve: (outputs) => {
      onStatistics({ mean: outputs[1] as tf.Tensor1D, variance: outputs[2] as tf.Tensor1D });
      return outputs.slice(3);
    },
  });
}

/** Batch normalisation by given statistics, in TensorFlow's kernel. */
export function fusedEvaluation(
  x: tf.Tensor3D,
  gain: tf.Tensor1D,
  bias: tf.Tensor1D,
  { mean, variance }: ChannelStatistics,
): tf.Tensor3D {
  return fusedBatchNorm(x, [gain, bias, mean, variance], {
    training: false,
    reserve: (outputs) => [mean, variance, outputs[5]],
  });
}

/**
 * TensorFlow's `FusedBatchNormV3`: output, mean, unbiased variance, and three tensors that its gradient wants back.
 *
 * @param inputs gain, bias, mean, variance; the last two empty in training
 * @param options.reserve what the gradient wants back, from the six outputs
 */
function fusedBatchNorm(
  x: tf.Tensor3D,
  [gain, bias, mean, variance]: tf.Tensor[],
  { training, reserve }: { training: boolean; reserve: (outputs: tf.Tensor[]) => tf.Tensor[] },
): tf.Tensor3D {
  const [batch, samples, channels] = x.shape;
  const image = [batch, 1, samples, channels]; // one sample high
  const normalise = tf.customGrad((input, gain1d, bias1d, save) => {
    const inputs = [(input as tf.Tensor).reshape(image), gain1d as tf.Tensor, bias1d as tf.Tensor, mean, variance];
    const outputs = tensorflowOp('FusedBatchNormV3', inputs, { attributes: fused(training), outputs: 6 });
    (save as tf.GradSaveFunc)([input as tf.Tensor, gain1d as tf.Tensor, ...reserve(outputs)]);
    return {
      value: outputs[0].reshape(x.shape),
      gradFunc: (dy: tf.Tensor, [inputSaved, gainSaved, ...reserved]: tf.Tensor[]) => {
        const gradients = tf.tidy(() => {
          const gradInputs = [dy.reshape(image), inputSaved.reshape(image), gainSaved, ...reserved];
          const settings = { attributes: fused(training), outputs: 5 };
          const [dx, dGain, dBias] = tensorflowOp('FusedBatchNormGradV3', gradInputs, settings);
          return [dx.reshape(x.shape), dGain, dBias];
        });
        releaseGradient(dy);
        return gradients;
      },
    };
  });
  return normalise(x, gain, bias) as tf.Tensor3D;
}
