import { describe, expect, it } from 'vitest';
import { BACKENDS_HERE } from '../backends';
import { canMeasureMemory, residentMemory } from './resident-memory';

const possible = BACKENDS_HERE.includes('tensorflow') && canMeasureMemory;

describe.skipIf(!possible)('the memory of a training (skipped without TensorFlow or the build)', () => {
  // From step 200 to 2,000: `npm run bench -- memory`.
  it('does not grow: less than 1 % from step 200 to step 800, and not by a tensor', async () => {
    const samples = await residentMemory([200, 400, 600, 800], { batchSize: 8, patchSize: 500, embeddingSize: 16 });
    const [first, last] = [samples[0], samples[samples.length - 1]];
    expect(last.step).toBe(800);
    expect(last.residentMb / first.residentMb).toBeLessThan(1.01);
    expect(new Set(samples.map(({ tensors }) => tensors)).size).toBe(1);
  });
});
