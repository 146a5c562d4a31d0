import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { FormatError } from '../errors';
import { metadataJson } from '../io/metadata-json';
import { readSafetensors, type SafeTensor } from '../io/safetensors';
import { readResNet } from '../model/resnet-file';
import { loadParameters, readWeights } from '../model/weights-file';
import type { Classifier } from './classifier';
import { ResNetClassifier } from './resnet-classifier';
import { VitClassifier } from './vit-classifier';

/**
 * Reads a classifier that `Classifier.write` or `fineTune` has written, of either kind.
 *
 * @throws FormatError when the file names no tasks or an unknown pooling, or a weight is missing or has another shape
 */
export function readClassifier(path: string): Classifier<string> {
  const { tensors, metadata } = readSafetensors(path);
  const tasks = metadataJson(metadata, 'tasks', { schema: z.array(z.string()).min(1), file: path });
  if (tasks === undefined) {
    const actual = `metadata ${Object.keys(metadata).join(', ') || 'none'}`;
    throw new FormatError('classifier', { expected: 'metadata with tasks', actual, where: { file: path } });
  }
  if (metadata.architecture === undefined) return readResNetClassifier(path, tasks);
  const { pooling } = metadata;
  if (pooling !== 'mean' && pooling !== 'cls') {
    const where = { file: path, key: 'pooling' };
    throw new FormatError('classifier', { expected: 'mean or cls', actual: String(pooling), where });
  }
  const { encoder, decoder } = readWeights(path);
  decoder?.dispose();
  const { parameters, architecture } = encoder;
  parameters.set('head.weight', tf.zeros([tasks.length, architecture.embeddingSize]));
  parameters.set('head.bias', tf.zeros([tasks.length]));
  try {
    loadParameters(parameters, tensors as ReadonlyMap<string, SafeTensor>, { file: path });
  } catch (error) {
    encoder.dispose();
    throw error;
  }
  return new VitClassifier(encoder, { tasks, pooling });
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
