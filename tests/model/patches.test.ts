import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { resolveArchitecture } from '../../lib/model/architecture';
import { patchify, unpatchify } from '../../lib/model/patchify';
import { sinCosPositions } from '../../lib/model/positions';
import { randomMasking } from '../../lib/model/random-masking';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';

beforeAll(async () => {
  await useEngine({ backend: 'cpu' });
});

describe('patches', () => {
  it.each([60, 125, 250])('of %i samples are put together again', (patchSize) => {
    const values = Float32Array.from({ length: LEADS.length * SAMPLES }, (_, i) => i);
    const ecgs = tf.tensor3d(values, [1, LEADS.length, SAMPLES]);
    const patches = patchify(ecgs, patchSize);
    expect(patches.shape).toEqual([1, Math.ceil(SAMPLES / patchSize), LEADS.length * patchSize]);
    expect(unpatchify(patches, { leads: LEADS.length, samples: SAMPLES }).dataSync()).toEqual(values);
  });

  it('hold lead after lead, and zeros where the last one is padded', () => {
    const ecgs = tf.tensor3d(new Float32Array(LEADS.length * SAMPLES).fill(1), [1, LEADS.length, SAMPLES]);
    const last = patchify(ecgs, 60).slice([0, 41, 0], [1, 1, 120]).dataSync();
    expect([last[39], last[40], last[59], last[60], last[99], last[100]]).toEqual([1, 0, 0, 1, 1, 0]);
  });

  it('leave out what fills no whole patch, where that is asked for', () => {
    const values = Float32Array.from({ length: LEADS.length * SAMPLES }, (_, i) => i);
    const ecgs = tf.tensor3d(values, [1, LEADS.length, SAMPLES]);
    const patches = patchify(ecgs, 60, { remainder: 'crop' });
    expect(patches.shape).toEqual([1, 41, LEADS.length * 60]);
    const whole = unpatchify(patches, { leads: LEADS.length, samples: 41 * 60 });
    expect(whole.dataSync()).toEqual(ecgs.slice([0, 0, 0], [1, LEADS.length, 2460]).dataSync());
    expect(patchify(ecgs, 125, { remainder: 'crop' }).dataSync()).toEqual(patchify(ecgs, 125).dataSync());
  });

  it('are refused in sizes that cannot be', () => {
    expect(resolveArchitecture({ patchSize: 60, blockDepth: 2, embeddingSize: 512 })).toMatchObject({
      patches: 42,
      heads: 8,
    });
    expect(() => resolveArchitecture({ patchSize: 0, blockDepth: 2, embeddingSize: 512 })).toThrow(/patchSize/);
    expect(() => resolveArchitecture({ patchSize: 60, blockDepth: 2, embeddingSize: 100 })).toThrow(
      /multiple of headDim/,
    );
    expect(() => resolveArchitecture({ patchSize: 60, blockDepth: 2, embeddingSize: 15, headDim: 15 })).toThrow(/even/);
    const remainder = 'fold' as 'pad';
    expect(() => resolveArchitecture({ patchSize: 60, blockDepth: 2, embeddingSize: 64, remainder })).toThrow(
      "key remainder: architecture: expected 'pad' or 'crop', got fold",
    );
  });
});

describe('random masking', () => {
  it('keeps 5 of 20 patches and 11 of 42, restores the order, and masks each patch equally often', () => {
    const stream = randomStream(0, 'test');
    expect(randomMasking({ batch: 1, patches: 42 }, { stream }).kept).toBe(11);
    const { kept, idsShuffle, idsRestore, mask } = randomMasking({ batch: 2000, patches: 20 }, { stream });
    expect(kept).toBe(5);
    const hidden = new Array(20).fill(0);
    for (let b = 0; b < 2000; b++) {
      for (let p = 0; p < 20; p++) {
        expect(idsShuffle[b * 20 + idsRestore[b * 20 + p]]).toBe(p);
        hidden[p] += mask[b * 20 + p];
      }
    }
    // 1,500 each in the mean, standard deviation 19.
    for (const count of hidden) expect(Math.abs(count - 1500)).toBeLessThan(90);
  });

  it('refuses a ratio that masks nothing or everything', () => {
    const stream = randomStream(0, 'test');
    expect(() => randomMasking({ batch: 1, patches: 10 }, { ratio: 0.05, stream })).toThrow(/masking ratio/);
    expect(() => randomMasking({ batch: 1, patches: 10 }, { ratio: 1, stream })).toThrow(/masking ratio/);
  });
});

describe('positions', () => {
  it('are sines, then cosines, and zero for the CLS token', () => {
    const dim = 4;
    const positions = sinCosPositions(3, dim);
    expect([...positions.subarray(0, dim)]).toEqual([0, 0, 0, 0]);
    [Math.sin(2), Math.sin(2 / 100), Math.cos(2), Math.cos(2 / 100)].forEach((value, i) => {
      expect(positions[3 * dim + i]).toBeCloseTo(value, 6);
    });
  });
});
