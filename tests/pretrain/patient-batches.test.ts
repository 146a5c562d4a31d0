import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patientBatches } from '../../lib/pretrain/patient-batches';

describe('batches of an epoch', () => {
  it('hold each ECG at most once and leave out less than a batch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 8, maxLength: 80 }),
        fc.nat(),
        (patients, seed) => {
          const ids = patients.map(String);
          const rows = patientBatches(ids, { batchSize: 8, seed, epoch: 0 }).flatMap((batch) => [...batch]);
          expect(new Set(rows).size).toBe(rows.length);
          expect(ids.length - rows.length).toBeLessThan(8);
        },
      ),
    );
  });

  it('put two ECGs of a patient side by side', () => {
    const ids = Array.from({ length: 64 }, (_, row) => `patient ${row % 32}`);
    for (const batch of patientBatches(ids, { batchSize: 16, seed: 1, epoch: 3 })) {
      for (let i = 0; i < batch.length; i += 2) expect(ids[batch[i]]).toBe(ids[batch[i + 1]]);
    }
  });

  it('differ from epoch to epoch and repeat with the seed', () => {
    const ids = Array.from({ length: 64 }, (_, row) => `patient ${row}`);
    const epoch = (number: number) => patientBatches(ids, { batchSize: 8, seed: 0, epoch: number });
    expect(epoch(0)).toEqual(epoch(0));
    expect(epoch(0)).not.toEqual(epoch(1));
  });

  it('refuse a batch that is odd or larger than the data', () => {
    expect(() => patientBatches(['a', 'b', 'c'], { batchSize: 3, seed: 0, epoch: 0 })).toThrow(
      /batchSize: expected an even number/,
    );
    expect(() => patientBatches(['a', 'b', 'c'], { batchSize: 4, seed: 0, epoch: 0 })).toThrow(/at most the 3 ECGs/);
  });
});
