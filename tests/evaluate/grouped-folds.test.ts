import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { groupedFolds } from '../../lib/evaluate/grouped-folds';
import { randomStream } from '../../lib/random';

/** Patients of one to four ECGs, and labels of three problems of which the last is rare. */
function makeRows(patients: number, seed: number) {
  const stream = randomStream(seed, 'patients');
  const groups: string[] = [];
  for (let patient = 0; patient < patients; patient++) {
    for (let ecg = stream.integer(4); ecg >= 0; ecg--) groups.push(`patient ${patient}`);
  }
  const labels = [0.4, 0.3, 0.08].map((share) => Uint8Array.from(groups, () => Number(stream.uniform() < share)));
  return { groups, labels };
}

describe('groupedFolds', () => {
  it('puts every row in one fold, ascending, and all rows of a group in the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 60 }),
        fc.integer({ min: 2, max: 8 }),
        fc.integer(),
        (patients, folds, seed) => {
          const { groups, labels } = makeRows(patients, seed);
          const dealt = groupedFolds(groups, { labels, folds, seed });
          expect(dealt).toHaveLength(folds);
          expect([...dealt.flatMap((rows) => [...rows])].sort((a, b) => a - b)).toEqual(groups.map((_, row) => row));
          const foldOf = new Map<string, number>();
          dealt.forEach((rows, fold) => {
            expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
            for (const row of rows) {
              expect(foldOf.get(groups[row]) ?? fold).toBe(fold);
              foldOf.set(groups[row], fold);
            }
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives each fold the positive groups of the rarest problem to within one, and groups likewise', () => {
    const { groups, labels } = makeRows(203, 1);
    const dealt = groupedFolds(groups, { labels });
    const counts = (rowsThat: (row: number) => boolean) => {
      return dealt.map((rows) => new Set([...rows].filter(rowsThat).map((row) => groups[row])).size);
    };
    const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
    expect(Math.min(...counts((row) => labels[2][row] === 1))).toBeGreaterThan(2);
    expect(spread(counts((row) => labels[2][row] === 1))).toBeLessThanOrEqual(1);
    expect(spread(counts(() => true))).toBe(1);
    expect(spread(counts((row) => labels[0][row] === 1))).toBeLessThanOrEqual(4); // one a pattern
  });

  it('is decided by the seed', () => {
    const { groups, labels } = makeRows(40, 0);
    const dealt = (seed?: number) => groupedFolds(groups, { labels, seed });
    expect(dealt(3)).toEqual(dealt(3));
    expect(dealt()).toEqual(dealt(0));
    expect(dealt(4)).not.toEqual(dealt(3));
  });

  it('refuses groups that are missing, labels of another length, and counts two spellings of a group once', () => {
    for (const group of ['nan', 'None', '', '<NA>', Number.NaN]) {
      const call = () => groupedFolds(['a', 'b', group, 'c'], { folds: 2 });
      expect(call, String(group)).toThrow(ArgumentError);
      expect(call, String(group)).toThrow(/^row 2: group: expected an id/);
    }
    const labels = [Uint8Array.of(0, 1)];
    expect(() => groupedFolds(['a', 'b', 'c'], { folds: 2, labels })).toThrow(
      /problem 0: expected 3, one per row, got 2/,
    );
    expect(() => groupedFolds(['12.0', '12', 'a'], { folds: 3 })).toThrow(/at least 3, one per fold, got 2/);
    expect(() => groupedFolds(['a', 'a', 'a'], { folds: 2 })).toThrow(/at least 2, one per fold, got 1/);
  });

  it('refuses a number of folds that cannot be', () => {
    for (const folds of [1, 0, 2.5, Number.NaN]) {
      expect(() => groupedFolds([1, 2, 3], { folds })).toThrow(ArgumentError);
    }
    expect(() => groupedFolds([1, 2, 2, 3], { folds: 4 })).toThrow(/groups: expected at least 4, one per fold, got 3/);
  });
});
