import { FormatError } from '../errors';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../io/safetensors';
import { LEADS } from '../signal/leads';
import { createResNet, type ResNet } from './resnet';
import type { ResNetArchitecture } from './resnet-architecture';
import { loadParameters, toArray } from './weights-file';

/**
 * Writes a residual network, weights and running statistics, under torchvision's names in PyTorch's layout.
 *
 * @param path a safetensors file; written whole or not at all
 * @param options.metadata texts to keep beside the weights, such as the seed
 */
export function writeResNet(
  path: string,
  resnet: ResNet,
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): void {
  const tensors = new Map<string, SafeTensor>();
  for (const set of [resnet.parameters, resnet.buffers]) {
    for (const name of set.names()) {
      const { shape, data } = toArray(set.get(name));
      tensors.set(name, { shape, data: name.endsWith('num_batches_tracked') ? Int32Array.from(data) : data });
    }
  }
  writeSafetensors(path, tensors, { metadata: { format: 'pt', ...metadata } });
}

/**
 * Reads a residual network from a file of ours or of PyTorch's; its architecture follows from the names and shapes.
 *
 * @throws FormatError when the file holds no such network, or a weight is missing or has another shape
 */
export function readResNet(path: string): ResNet {
  const { tensors } = readSafetensors(path);
  const resnet = createResNet(architectureOf(tensors, path), { seed: 0 });
  try {
    loadParameters(resnet.parameters, tensors, { file: path });
    loadParameters(resnet.buffers, tensors, { file: path });
  } catch (error) {
    resnet.dispose();
    throw error;
  }
  return resnet;
}

function architectureOf(tensors: ReadonlyMap<string, SafeTensor>, path: string): ResNetArchitecture {
  const first = tensors.get('conv1.weight')?.shape;
  const blocks = [1, 2, 3, 4].map((layer) => {
    let count = 0;
    while (tensors.has(`layer${layer}.${count}.conv1.weight`)) count++;
    return count;
  });
  if (first?.length !== 3 || first[1] !== LEADS.length || blocks.includes(0)) {
    throw new FormatError('weights', {
      expected: `a 1-D residual network: conv1.weight [width, ${LEADS.length}, 7] and bottlenecks in layer1 to layer4`,
      actual: `conv1.weight ${first === undefined ? 'missing' : `[${first}]`}, bottlenecks [${blocks}]`,
      where: { file: path },
    });
  }
  return { width: first[0], blocks, outputs: tensors.get('fc.weight')?.shape[0] ?? 0 };
}
