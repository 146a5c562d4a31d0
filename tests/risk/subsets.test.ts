import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { balancedSubset } from '../../lib/risk/balanced-subset';
import { stratifiedParts } from '../../lib/risk/stratified-parts';

const labelsOf = (positives: number, negatives: number) => {
  const stream = randomStream(0, 'labels');
  return Uint8Array.from(stream.shuffled([...new Array(positives).fill(1), ...new Array(negatives).fill(0)]));
};
const count = (labels: Uint8Array, rows: Uint32Array) => rows.reduce((sum, row) => sum + labels[row], 0);
const options = { task: 'MI', split: 'train' } as const;

describe('patients of stratifiedParts', () => {
  const parts = (patientIds: string[], count = 2) => {
    const labels = Uint8Array.from(patientIds, (_, row) => row % 2);
    return stratifiedParts({ labels, patientIds }, { parts: count, seed: 0, name: ['test'] });
  };

  it('are as many as parts at least, and none is missing', () => {
    expect(() => parts(['a', 'a', 'a', 'a'])).toThrow('patients: expected at least 2, one a part, got 1');
    expect(() => parts(['a', 'a', 'b', 'b', 'c', 'c'], 4)).toThrow(/at least 4, one a part, got 3/);
    for (const id of ['nan', 'NULL', '', '#N/A']) {
      expect(() => parts(['a', 'a', id, id]), id).toThrow(ArgumentError);
      expect(() => parts(['a', 'a', id, id]), id).toThrow(/^row 2: patient id: expected an id/);
    }

    const [first, second] = parts(['7', '7.0', '8', '8.0']);
    expect(first).toBe(second);
  });
});

describe('balancedSubset', () => {
  const labels = labelsOf(900, 3000);

  it('has 500 of each class, each row once, ascending', () => {
    const rows = balancedSubset(labels, options);
    expect(rows).toHaveLength(1000);
    expect(count(labels, rows)).toBe(500);
    expect([...new Set(rows)].sort((a, b) => a - b)).toEqual([...rows]);
  });

  it.each([
    [263, 2000, 500, 263, 500], // HYP's test set in the paper
    [481, 2000, 500, 481, 500],
    [900, 90, 200, 200, 90],
    [1, 1, 500, 1, 1],
  ])('%d positives and %d negatives, at most %d of each: %d and %d', (positives, negatives, perClass, p, n) => {
    const own = labelsOf(positives, negatives);
    const rows = balancedSubset(own, { ...options, perClass });
    expect([count(own, rows), rows.length]).toEqual([p, p + n]);
  });

  it('depends on seed, task and split, and on nothing else', () => {
    const rows = (change: object) => balancedSubset(labels, { ...options, ...change }).join();
    expect(rows({})).toBe(rows({ seed: 0, perClass: 500 }));
    expect(new Set([rows({}), rows({ seed: 1 }), rows({ task: 'CD' }), rows({ split: 'test' })]).size).toBe(4);
  });

  it('draws every row about equally often', () => {
    const times = new Float64Array(400);
    const own = labelsOf(100, 300);
    for (let seed = 0; seed < 400; seed++) {
      for (const row of balancedSubset(own, { ...options, seed, perClass: 50 })) times[row]++;
    }
    // Positives 200 times of 400, standard deviation 10; negatives 66.7 times, 7.5.
    times.forEach((n, row) => {
      const [mean, deviation] = own[row] === 1 ? [200, 10] : [400 / 6, 7.5];
      expect(Math.abs(n - mean)).toBeLessThan(5 * deviation);
    });
  });

  it('refuses a class without records, other labels, and no whole number', () => {
    expect(() => balancedSubset(new Uint8Array(5), options)).toThrow(
      'labels of MI of the train set: expected both classes, got 0 positives and 5 negatives',
    );
    expect(() => balancedSubset(new Uint8Array(5).fill(1), options)).toThrow(/5 positives and 0 negatives/);
    expect(() => balancedSubset(Uint8Array.of(0, 1, 2), options)).toThrow(/row 2: .*expected 0 or 1, got 2/);
    for (const perClass of [0, -1, 1.5, Number.NaN]) {
      expect(() => balancedSubset(labels, { ...options, perClass })).toThrow(ArgumentError);
    }
  });
});

describe('stratifiedParts', () => {
  const parts = (labels: Uint8Array, patientIds: string[], n: number, seed = 0) =>
    stratifiedParts({ labels, patientIds }, { parts: n, seed, name: ['test'] });
  const single = (labels: Uint8Array) => Array.from(labels, (_, row) => `p${row}`);
  const sizes = (partOf: Uint16Array, labels: Uint8Array, n: number) =>
    Array.from({ length: n }, (_, part) => {
      const rows = [...labels.keys()].filter((row) => partOf[row] === part);
      return [rows.filter((row) => labels[row] === 1).length, rows.filter((row) => labels[row] === 0).length];
    });

  it('cuts 500 + 500 into twenty times 25 + 25', () => {
    const labels = labelsOf(500, 500);
    expect(sizes(parts(labels, single(labels), 20), labels, 20)).toEqual(new Array(20).fill([25, 25]));
  });

  it('parts differ by one record of each class at most, and one in all, where nobody has a second ECG', () => {
    const property = fc.property(fc.integer({ min: 20, max: 90 }), fc.integer({ min: 20, max: 90 }), (p, n) => {
      const labels = labelsOf(p, n);
      const own = sizes(parts(labels, single(labels), 7), labels, 7);
      for (const of of [(s: number[]) => s[0], (s: number[]) => s[1]]) {
        const counts = own.map(of);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
      const all = own.map(([a, b]) => a + b);
      expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(2);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('keeps the ECGs of a patient together and the parts nearly equal', () => {
    const labels = labelsOf(500, 500);
    const stream = randomStream(3, 'patients');
    const patientIds = Array.from(labels, () => `p${stream.integer(700)}`);
    const partOf = parts(labels, patientIds, 20);
    const partOfPatient = new Map<string, number>();
    patientIds.forEach((patient, row) => {
      expect(partOfPatient.get(patient) ?? partOf[row]).toBe(partOf[row]);
      partOfPatient.set(patient, partOf[row]);
    });
    for (const [positives, negatives] of sizes(partOf, labels, 20)) {
      expect(Math.abs(positives - 25)).toBeLessThanOrEqual(4);
      expect(Math.abs(negatives - 25)).toBeLessThanOrEqual(4);
    }
  });

  it('is drawn anew by seed and name, and only by them', () => {
    const labels = labelsOf(60, 60);
    const ids = single(labels);
    expect(parts(labels, ids, 5)).toEqual(parts(labels, ids, 5));
    expect(parts(labels, ids, 5, 1)).not.toEqual(parts(labels, ids, 5));
    const other = stratifiedParts({ labels, patientIds: ids }, { parts: 5, seed: 0, name: ['other'] });
    expect(other).not.toEqual(parts(labels, ids, 5));
  });

  it('refuses fewer than two parts, and parts that cannot all have both classes', () => {
    const labels = labelsOf(4, 60);
    for (const n of [1, 0, 2.5, Number.NaN]) {
      expect(() => parts(labels, single(labels), n)).toThrow(/parts: expected a whole number from 2 on/);
    }
    expect(() => parts(labels, single(labels), 5)).toThrow(
      /records in 5 parts: expected both classes in each part, got a part with 0 positives and \d+ negatives/,
    );
    expect(() => parts(labelsOf(60, 4), single(labels), 5)).toThrow(/with \d+ positives and 0 negatives/);
  });
});
