import * as tf from '@tensorflow/tfjs';
import { FormatError } from '../errors';
import { readSafetensors, type SafeTensor } from '../io/safetensors';
import type { Pooling } from '../model/encoder';
import { readResNet } from '../model/resnet-file';
import { loadParameters, readWeights } from '../model/weights-file';
import type { Classifier } from './classifier';
import { ResNetClassifier } from './resnet-classifier';
import { VitClassifier } from './vit-classifier';

/**
 * Reads a classifier that `Classifier.write` or `fineTune` has written, of either kind.
 *
 * @throws FormatError when the file names no tasks, or a weight is missing or has another shape
 */
export function readClassifier(path: string): Classifier<string> {
  const { tensors, metadata } = readSafetensors(path);
  if (metadata.tasks === undefined) {
    const actual = `metadata ${Object.keys(metadata).join(', ') || 'none'}`;
    throw new FormatError('classifier', { expected: 'metadata with tasks', actual, where: { file: path } });
  }
  const tasks = JSON.parse(metadata.tasks) as string[];
  if (metadata.architecture === undefined) return readResNetClassifier(path, tasks);
  const { encoder } = readWeights(path);
  const { parameters, architecture } = encoder;
  parameters.set('head.weight', tf.zeros([tasks.length, architecture.embeddingSize]));
  parameters.set('head.bias', tf.zeros([tasks.length]));
  try {
    loadParameters(parameters, tensors as ReadonlyMap<string, SafeTensor>, { file: path });
  } catch (error) {
    encoder.dispose();
    throw error;
  }
  return new VitClassifier(encoder, { tasks, pooling: metadata.pooling as Pooling });
}

function readResNetClassifier(path: string, tasks: string[]): ResNetClassifier<string> {
  const resnet = readResNet(path);
  const { outputs } = resnet.architecture;
  if (outputs !== tasks.length) {
    resnet.dispose();
    const expected = `${tasks.length} outputs, one a task`;
    throw new FormatError('classifier', { expected, actual: String(outputs), where: { file: path, key: 'fc.weight' } });
  }
  return new ResNetClassifier(resnet, { tasks });
}
