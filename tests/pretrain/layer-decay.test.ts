import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import { layerDecay } from '../../lib/pretrain/layer-decay';

interface Golden {
  readonly depth: number;
  readonly decay: number;
  readonly factors: Record<string, number>;
}

describe('layer-wise decay', () => {
  it('has decay^(depth + 1) at the input, decay at the last block and 1 at the head', () => {
    const names = ['cls_token', 'patch_embed.proj.bias', 'blocks.0.norm1.weight', 'blocks.2.mlp.fc2.bias'];
    const rates = layerDecay([...names, 'norm.weight', 'head.weight'], { decay: 0.5, depth: 3 });
    expect([...rates.values()]).toEqual([1 / 16, 1 / 16, 1 / 8, 1 / 2, 1, 1]);
    expect([...rates.keys()]).toEqual([...names, 'norm.weight', 'head.weight']);
  });

  it('knows every weight of an encoder, and leaves all rates alone at decay 1', async () => {
    await useEngine({ backend: 'cpu' });
    const encoder = createEncoder({ patchSize: 250, blockDepth: 2, embeddingSize: 16, headDim: 8 }, { seed: 0 });
    const names = encoder.parameters.names();
    expect(new Set(layerDecay(names, { decay: 1, depth: 2 }).values())).toEqual(new Set([1]));
    expect(new Set(layerDecay(names, { decay: 0.75, depth: 2 }).values())).toEqual(
      new Set([0.421875, 0.5625, 0.75, 1]),
    );
    encoder.dispose();
  });

  it('refuses a decay outside (0, 1] and a block beyond the depth', () => {
    for (const decay of [0, -0.5, 1.5, Number.NaN]) {
      expect(() => layerDecay(['norm.bias'], { decay, depth: 2 })).toThrow(
        /layer decay: expected a factor in \(0, 1\]/,
      );
    }
    const beyond = () => layerDecay(['blocks.2.norm1.bias'], { decay: 0.75, depth: 2 });
    expect(beyond).toThrow(/expected blocks 0 to 1, got blocks.2.norm1.bias/);
  });

  // tests/golden/torch/layer_decay.py
  it("gives timm's factors but at the final norm, which timm counts to the last block", () => {
    const file = join(__dirname, '../golden/torch/layer-decay.json');
    const timm: Golden = JSON.parse(readFileSync(file, 'utf8'));
    const ours = layerDecay(Object.keys(timm.factors), timm);
    expect(ours.size).toBeGreaterThan(50);
    for (const [name, factor] of ours) {
      const expected = timm.factors[name] / (name.startsWith('norm.') ? timm.decay : 1);
      expect(factor, name).toBeCloseTo(expected, 12);
    }
  });
});
