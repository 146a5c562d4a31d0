import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { writeSafetensors } from '../../lib/io/safetensors';
import { createEncoder } from '../../lib/model/encoder';
import { createMaeDecoder } from '../../lib/model/mae-decoder';
import { writeWeights } from '../../lib/model/weights-file';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { goldenEcgs, relativeError } from '../golden-model';
import { peerPython } from '../peer-python';
import { IMPORT_TORCHVISION } from '../peer-torchvision';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
const section = readme.split('## Loading the weights in PyTorch\n')[1]?.split('\n## ')[0] ?? '';
const lines = section.match(/```python\n([\s\S]*?)```/)?.[1] ?? '';

describe('the lines of the README that load our weights in PyTorch', () => {
  beforeAll(async () => {
    await useEngine();
  });

  it('are five', () => {
    expect(lines.trim().split('\n')).toHaveLength(5);
  });

  const python = peerPython('torch', 'safetensors');
  const hasTimm = python !== undefined && spawnSync(python, ['-c', `${IMPORT_TORCHVISION}\nimport timm`]).status === 0;
  // Skipped where no Python with PyTorch, safetensors and timm is found.
  it.skipIf(!hasTimm).each([
    ['as they stand', 125, 0],
    ['with patches of 60 samples', 60, 20],
  ])(
    'run %s, and timm’s encoder gives our embeddings',
    async (_, patchSize, padding) => {
      const folder = mkdtempSync(join(tmpdir(), 'readme-'));
      const encoder = createEncoder({ patchSize, blockDepth: 2, embeddingSize: 256 }, { seed: 5 });
      for (const name of encoder.parameters.names().filter((name) => name.endsWith('bias'))) {
        encoder.parameters.update(name, (old) => tf.fill(old.shape, 0.1)); // biases start at zero: they would not be seen
      }
      const decoder = createMaeDecoder(encoder, { seed: 5 });
      writeWeights(join(folder, 'weights.safetensors'), { encoder, decoder });
      const ecgs = goldenEcgs(2, 0);
      writeSafetensors(
        join(folder, 'ecgs.safetensors'),
        new Map([['ecgs', { shape: [2, LEADS.length, SAMPLES], data: ecgs }]]),
      );
      const code = `${IMPORT_TORCHVISION}
${lines.replace('(1, 2500), (1, 125)', `(1, ${SAMPLES + padding}), (1, ${patchSize})`)}
ecgs = torch.nn.functional.pad(load_file('ecgs.safetensors')['ecgs'], (0, ${padding}))
with torch.no_grad():
    print(*encoder.eval()(ecgs[:, :, None]).flatten().tolist())`;
      const { stdout, stderr } = spawnSync(python!, ['-c', code], { encoding: 'utf8', cwd: folder });
      expect(stdout, stderr).not.toBe('');
      const ours = await encoder.embed(tf.tensor3d(ecgs, [2, LEADS.length, SAMPLES])).data();
      expect(relativeError(ours, stdout.trim().split(' ').map(Number))).toBeLessThan(1e-5);
    },
    180_000,
  );
});
