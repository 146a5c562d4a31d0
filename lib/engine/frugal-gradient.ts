import * as tf from '@tensorflow/tfjs';
import { releaseGradient } from './release-gradient';

/** What an op gives `tf.customGrad`: the gradients of its inputs out of that of its output and of what it saved. */
type GradientFunction = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];

/** The same gradients; what is made on the way to them is freed as soon as they are there, and so is dy. */
export function frugalGradient(gradient: GradientFunction): GradientFunction {
  return (dy, saved) => {
    const gradients = tf.tidy(() => gradient(dy, saved));
    releaseGradient(dy);
    return gradients;
  };
}
