import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { randomMasking } from '../../lib/model/random-masking';
import { readWeights, writeWeights } from '../../lib/model/weights-file';
import { reconstruct } from '../../lib/pretrain/reconstruct';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { noiseBatch, SMALL, smallObjective } from './noise-objective';

const ECGS = 2;

beforeAll(async () => {
  await useEngine({ backend: 'cpu' });
});

describe.each([
  ['pad', 42],
  ['crop', 41],
] as const)('a reconstruction in patches of 60 with the remainder in mode %s', (remainder, patches) => {
  it('fills in what was masked and leaves the rest, by an encoder read back from its file too', () => {
    const objective = smallObjective('generative', {}, { ...SMALL, remainder });
    const { encoder } = objective;
    expect(encoder.architecture.patches).toBe(patches);
    const { ecgs } = noiseBatch(ECGS);
    const masking = randomMasking({ batch: ECGS, patches }, { stream: randomStream(0, 'mask') });
    const filled = reconstruct({ encoder, decoder: objective.decoder! }, ecgs, { masking, targets: 'raw' });
    expect(filled).toHaveLength(ecgs.length);
    let changed = 0;
    filled.forEach((value, i) => {
      const patch = Math.floor((i % SAMPLES) / 60);
      const ecg = Math.floor(i / (LEADS.length * SAMPLES));
      const isMasked = patch < patches && masking.mask[ecg * patches + patch] === 1;
      if (isMasked) changed += Number(value !== ecgs[i]);
      else if (value !== ecgs[i]) expect.fail(`sample ${i} was not masked and changed`);
    });
    expect(changed).toBeGreaterThan(0.7 * ecgs.length);
    const path = join(mkdtempSync(join(tmpdir(), 'weights-')), 'weights.safetensors');
    writeWeights(path, objective);
    const read = readWeights(path);
    expect(read.encoder.architecture).toEqual(encoder.architecture);
    const again = reconstruct({ encoder: read.encoder, decoder: read.decoder! }, ecgs, { masking, targets: 'raw' });
    expect(again).toEqual(filled);
  });
});
