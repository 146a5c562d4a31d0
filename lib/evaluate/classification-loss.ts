import * as tf from '@tensorflow/tfjs';

/**
 * The binary cross-entropy of each task, from logits: mean over the batch of w (log(1 + e^x) - y x), y 1 or 0.
 *
 * PyTorch's `binary_cross_entropy_with_logits`. Its gradient, w (sigmoid(x) - y) / batch, is written out, for that of
 * max(x, 0) and |x| is wrong at x = 0.
 *
 * @param logits `[batch, task]`
 * @param labels `[batch, task]`, 1 or 0
 * @param weights `[batch, task]`, w; default 1
 * @returns `[task]`
 */
export function classificationLoss(logits: tf.Tensor2D, labels: tf.Tensor2D, weights?: tf.Tensor2D): tf.Tensor1D {
  const weighted = (losses: tf.Tensor, by = weights) => (by === undefined ? losses : losses.mul(by));
  const crossEntropy = tf.customGrad((x, save) => {
    const values = x as tf.Tensor;
    (save as tf.GradSaveFunc)([values, labels, ...(weights === undefined ? [] : [weights])]);
    const softplus = values.relu().add(values.abs().neg().exp().log1p()); // log(1 + e^x)
    return {
      value: weighted(softplus.sub(values.mul(labels))),
      gradFunc: (dy: tf.Tensor, [saved, labelsSaved, weightsSaved]: tf.Tensor[]) =>
        dy.mul(weighted(saved.sigmoid().sub(labelsSaved), weightsSaved as tf.Tensor2D | undefined)),
    };
  });
  return crossEntropy(logits).mean<tf.Tensor1D>(0);
}

/** Weights of the two classes of a task in its loss. */
export interface ClassWeights {
  readonly positive: number;
  readonly negative: number;
}

/**
 * Weights with which both classes of a task count alike: n / (2 n_class), scikit-learn's `class_weight='balanced'`.
 *
 * @param labels `[ECG]`, 1 or 0, of both classes
 */
export function balancedClassWeights(labels: Uint8Array): ClassWeights {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const half = labels.length / 2;
  return { positive: half / positives, negative: half / (labels.length - positives) };
}
