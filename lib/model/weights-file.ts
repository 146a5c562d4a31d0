import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { FormatError } from '../errors';
import { metadataJson } from '../io/metadata-json';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../io/safetensors';
import { createEncoder, type Encoder } from './encoder';
import { createMaeDecoder, type MaeDecoder } from './mae-decoder';
import type { Parameters } from './parameters';

const size = z.int().positive();

const DECODER = z.object({ embeddingSize: size, blockDepth: size, headDim: size });

const ARCHITECTURE = z.object({
  ...{ patchSize: size, blockDepth: size, embeddingSize: size, headDim: size.optional() },
  ...{ mlpRatio: size.optional(), remainder: z.enum(['pad', 'crop']).optional() },
});

/**
 * Writes an encoder, and what was trained with it, under timm's names in PyTorch's layout.
 *
 * The fixed positions go along as `pos_embed`, so that a timm VisionTransformer's blocks find all they need.
 *
 * @param trained the encoder, whose parameters hold those of decoder and projector too, and the decoder if there is one
 * @param options.metadata texts to keep, such as method and seed; the architectures are always written
 */
export function writeWeights(
  path: string,
  { encoder, decoder }: { encoder: Encoder; decoder?: MaeDecoder },
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): void {
  const tensors = new Map(encoder.parameters.names().map((name) => [name, toArray(encoder.parameters.get(name))]));
  tensors.set('pos_embed', toArray(encoder.positions));
  const architectures = {
    architecture: JSON.stringify(encoder.architecture),
    ...(decoder === undefined ? {} : { decoder: JSON.stringify(decoder.architecture) }),
  };
  writeSafetensors(path, tensors, { metadata: { format: 'pt', ...architectures, ...metadata } });
}

/**
 * Reads an encoder from a weights file, and the decoder that was trained with it, where the file has one.
 *
 * @throws FormatError when the file names no architecture, or a weight is missing or has another shape
 */
export function readWeights(path: string): { encoder: Encoder; decoder?: MaeDecoder } {
  const { tensors, metadata } = readSafetensors(path);
  const architecture = metadataJson(metadata, 'architecture', { schema: ARCHITECTURE, file: path });
  if (architecture === undefined) {
    const actual = `metadata ${Object.keys(metadata).join(', ') || 'none'}`;
    throw new FormatError('weights', { expected: 'metadata with an architecture', actual, where: { file: path } });
  }
  const encoder = createEncoder(architecture, { seed: 0 });
  let decoder: MaeDecoder | undefined;
  try {
    const ofDecoder = metadataJson(metadata, 'decoder', { schema: DECODER, file: path });
    if (ofDecoder !== undefined) decoder = createMaeDecoder(encoder, { architecture: ofDecoder, seed: 0 });
    loadParameters(encoder.parameters, tensors, { file: path });
  } catch (error) {
    decoder?.dispose();
    encoder.dispose();
    throw error;
  }
  return { encoder, decoder };
}

/** Gives every weight of the set its value from the arrays. @throws FormatError when one is missing or misshapen */
export function loadParameters(
  parameters: Parameters,
  tensors: ReadonlyMap<string, SafeTensor>,
  { file }: { file?: string } = {},
): void {
  for (const name of parameters.names()) {
    const { shape } = parameters.get(name);
    const found = tensors.get(name);
    if (found === undefined || found.shape.join() !== shape.join()) {
      throw new FormatError('weights', {
        expected: `shape [${shape}]`,
        actual: found === undefined ? 'nothing' : `shape [${found.shape}]`,
        where: { file, key: name },
      });
    }
    parameters.set(name, tf.tensor(Float32Array.from(found.data), shape));
  }
}

/** The values of a tensor with their shape, as a weights file holds them. */
export function toArray(tensor: tf.Tensor): SafeTensor {
  return { shape: tensor.shape, data: tensor.dataSync<'float32'>() };
}
