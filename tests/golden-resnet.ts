import * as tf from '@tensorflow/tfjs';
import { createResNet, type ResNet } from '../lib/model/resnet';
import { LEADS, SAMPLES } from '../lib/signal/leads';
import { formula, golden, goldenEcgs } from './golden-model';

// The residual network of tests/golden/torch/make_golden.py: the same formulas give weights, statistics and ECGs.

const ECGS = 2;
const PHASE = 6.2;
export const NARROW = { width: 2, blocks: [2, 2, 1, 1], outputs: 4 };

/** The narrow network with the golden weights and running statistics. */
export function goldenResNet(): ResNet {
  const resnet = createResNet(NARROW, { seed: 0 });
  const isCounter = (name: string) => name.endsWith('num_batches_tracked');
  const names = [...resnet.parameters.names(), ...resnet.buffers.names()].filter((name) => !isCounter(name)).sort();
  for (const [index, name] of names.entries()) {
    const set = resnet.parameters.names().includes(name) ? resnet.parameters : resnet.buffers;
    const { size, shape } = set.get(name);
    const offset = shape.length === 1 && /(weight|running_var)$/.test(name) ? 1 : 0;
    const values = formula(size, index, shape.length === 3 ? 0.5 : 0.2).map((value) => offset + value);
    set.set(name, tf.tensor(values, shape));
  }
  return resnet;
}

export function goldenResNetEcgs(): tf.Tensor3D {
  return tf.tensor3d(goldenEcgs(ECGS, PHASE), [ECGS, LEADS.length, SAMPLES]);
}

/** Gradients of the logits' sum, weighted by fixed numbers, by the name of the weight. */
export function resNetGradients(resnet: ResNet, ecgs: tf.Tensor3D, { training }: { training: boolean }) {
  const shape: [number, number] = [ecgs.shape[0], resnet.architecture.outputs];
  const weights = tf.tensor2d(formula(shape[0] * shape[1], 0.7, 1), shape);
  const names = resnet.parameters.names();
  const { grads } = tf.valueAndGrads(() => resnet.logits(ecgs, { training }).mul(weights).sum<tf.Scalar>())(
    names.map((name) => resnet.parameters.get(name)),
  );
  return new Map(names.map((name, i) => [name, grads[i]]));
}

/** PyTorch's values whose names begin so, by the rest of the name. */
export function goldenEntries(prefix: string): Map<string, ArrayLike<number>> {
  const entries = [...golden].filter(([name]) => name.startsWith(prefix));
  return new Map(entries.map(([name, { data }]) => [name.slice(prefix.length), data]));
}

/** Names and shapes of what PyTorch calls the state dictionary of ResNet50: weights, then buffers. */
export function shapesOfResNet50(): { weights: Record<string, number[]>; buffers: Record<string, number[]> } {
  const resnet = createResNet({ outputs: 5 }, { seed: 0 });
  const [weights, buffers] = [resnet.parameters, resnet.buffers].map((set) =>
    Object.fromEntries(set.names().map((name) => [name, set.get(name).shape])),
  );
  resnet.dispose();
  return { weights, buffers };
}
