import { ArgumentError } from '../errors';

/**
 * Factors on the learning rate, layer by layer, for fine-tuning a pretrained encoder (BEiT, Bao et al., 2022; MAE).
 *
 * factor = decay^(depth + 1 - layer): layer 0 is the CLS token and the patch embedding, layer i + 1 is block i, layer
 * depth + 1 is all that follows, the final norm and the head (timm counts the final norm to the last block). Layers near
 * the input, which hold what is general, thus move least.
 *
 * @param names of the weights, timm's (`blocks.0.attn.qkv.weight`)
 * @param options.depth blocks of the encoder
 * @param options.decay factor from a layer to the one below it, in (0, 1]; .75 (ST-MEM) or .65 (MAE) are usual
 * @returns a factor in (0, 1] for every name
 * @throws ArgumentError when the decay is not in (0, 1], or a block lies beyond the depth
 */
export function layerDecay(
  names: readonly string[],
  { decay, depth }: { decay: number; depth: number },
): Map<string, number> {
  if (!(decay > 0 && decay <= 1)) {
    throw new ArgumentError('layer decay', { expected: 'a factor in (0, 1]', actual: String(decay) });
  }
  return new Map(names.map((name) => [name, decay ** (depth + 1 - layerOf(name, depth))]));
}

function layerOf(name: string, depth: number): number {
  if (name === 'cls_token' || name === 'pos_embed' || name.startsWith('patch_embed.')) return 0;
  const block = /^blocks\.(\d+)\./.exec(name);
  if (block === null) return depth + 1;
  const index = Number(block[1]);
  if (index >= depth) {
    throw new ArgumentError('layer decay', { expected: `blocks 0 to ${depth - 1}`, actual: name });
  }
  return index + 1;
}
