import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { caseRatioSubset } from '../../lib/evaluate/case-ratio-subset';
import { dataUsageSubset } from '../../lib/evaluate/data-usage-subset';
import { groupedSplit } from '../../lib/evaluate/grouped-split';
import { stratifiedPatients } from '../../lib/evaluate/stratified-patients';
import { writeSubset } from '../../lib/evaluate/write-subset';
import { readCsv } from '../../lib/io/csv';
import { randomStream } from '../../lib/random';

/** Labels of four tasks and patients with one to three ECGs, mostly one and mostly alike, as in PTB-XL. */
const cohorts = fc
  .record({ patients: fc.integer({ min: 30, max: 400 }), seed: fc.nat() })
  .map(({ patients, seed }) => cohort(patients, seed));

const SHARES = [
  ['MI', 0.25],
  ['STTC', 0.24],
  ['CD', 0.22],
  ['HYP', 0.12],
] as const;

function cohort(patients: number, seed: number) {
  const stream = randomStream(seed, 'cohort');
  const labels: { MI: number[]; STTC: number[]; CD: number[]; HYP: number[] } = { MI: [], STTC: [], CD: [], HYP: [] };
  const patientIds: string[] = [];
  for (let patient = 0; patient < patients; patient++) {
    const ecgs = stream.uniform() < 0.8 ? 1 : 2 + stream.integer(2);
    const traits = SHARES.map(([, share]) => stream.uniform() < share);
    for (let i = 0; i < ecgs; i++) {
      patientIds.push(`p${patient}`);
      for (const [at, [task]] of SHARES.entries()) labels[task].push(Number(traits[at] !== stream.uniform() < 0.03));
    }
  }
  const arrays = Object.entries(labels).map(([task, values]) => [task, Uint8Array.from(values)]);
  return { patientIds, labels: Object.fromEntries(arrays) as Record<keyof typeof labels, Uint8Array> };
}

/** Ascending, each once, all of them in range. */
function expectPositions(positions: Int32Array, count: number): void {
  expect(Array.from(positions)).toEqual([...new Set(positions)].sort((a, b) => a - b));
  expect(Array.from(positions).every((position) => position >= 0 && position < count)).toBe(true);
}

const isWithin = (some: Int32Array, all: Int32Array) => {
  const set = new Set(all);
  return some.every((position) => set.has(position));
};

describe('a case-ratio subset', () => {
  const labelled = fc.record({
    labels: fc.uint8Array({ min: 0, max: 1, minLength: 400, maxLength: 600 }),
    seed: fc.nat(),
  });
  const RATIOS = [0.01, 0.02, 0.05, 0.25];
  const classOf = (labels: Uint8Array, positions: Int32Array, label: number) =>
    positions.filter((position) => labels[position] === label);

  it('has the ECGs and positives asked for, each once; positives are nested, and so are negatives', () => {
    fc.assert(
      fc.property(labelled, ({ labels, seed }) => {
        const subsets = RATIOS.map((ratio) => caseRatioSubset(labels, { ratio, ecgs: 150, seed }));
        for (const [i, subset] of subsets.entries()) {
          expectPositions(subset, labels.length);
          expect(subset).toHaveLength(150);
          expect(classOf(labels, subset, 1)).toHaveLength(Math.round(RATIOS[i] * 150));
          if (i === 0) continue;
          expect(isWithin(classOf(labels, subsets[i - 1], 1), subset)).toBe(true);
          expect(isWithin(classOf(labels, subset, 0), subsets[i - 1])).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is decided by its seed, and draws every ECG of a class as often', () => {
    const labels = Uint8Array.from({ length: 40 }, (_, row) => Number(row % 2 === 0));
    const drawn = (seed: number) => caseRatioSubset(labels, { ratio: 0.25, ecgs: 20, seed });
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(4));
    const times = new Uint16Array(40);
    for (let seed = 0; seed < 2000; seed++) for (const row of drawn(seed)) times[row]++;
    for (const [row, count] of times.entries()) {
      const share = labels[row] === 1 ? 5 / 20 : 15 / 20;
      expect(Math.abs(count - 2000 * share)).toBeLessThan(5 * Math.sqrt(2000 * share * (1 - share)));
    }
  });

  it('takes 7,000 ECGs unless told otherwise: the paper’s 70 and 6,930 at 1 %', () => {
    const labels = Uint8Array.from({ length: 17_000 }, (_, row) => Number(row % 4 === 0));
    const subset = caseRatioSubset(labels, { ratio: 0.01, seed: 0 });
    expect(subset).toHaveLength(7000);
    expect(subset.filter((row) => labels[row] === 1)).toHaveLength(70);
  });

  it('says how many there are when there are too few', () => {
    const labels = new Uint8Array(100).fill(1, 0, 4);
    expect(() => caseRatioSubset(labels, { ratio: 0.05, ecgs: 90, seed: 0 })).toThrow(
      'labels: expected at least 5 positives for 90 ECGs at a case ratio of 0.05, got 4',
    );
    expect(() => caseRatioSubset(labels, { ratio: 0.02, ecgs: 100, seed: 0 })).toThrow(
      'labels: expected at least 98 negatives for 100 ECGs at a case ratio of 0.02, got 96',
    );
    for (const ratio of [0, 1, Number.NaN]) {
      expect(() => caseRatioSubset(labels, { ratio, seed: 0 })).toThrow('case ratio: expected a share between 0 and 1');
    }
    expect(() => caseRatioSubset(labels, { ratio: 0.1, ecgs: 1.5, seed: 0 })).toThrow('whole number');
  });
});

describe('patients in a stratified order', () => {
  it('come each once with all their ECGs, and hold every stratum to its share within a patient, up to any point', () => {
    fc.assert(
      fc.property(cohorts, fc.nat(), (ecgs, seed) => {
        const { patientIds, labels } = ecgs;
        const patients = stratifiedPatients(ecgs, { seed, name: 'test' });
        expect(patients.flat().sort((a, b) => a - b)).toEqual(Array.from(patientIds.keys()));
        for (const rows of patients) expect(new Set(rows.map((row) => patientIds[row])).size).toBe(1);
        expect(patients).toHaveLength(new Set(patientIds).size);

        const stratumOf = (rows: number[]) =>
          Object.values(labels)
            .map((ofTask) => Number(rows.some((row) => ofTask[row] === 1)))
            .join('');
        const totals = new Map<string, number>();
        for (const rows of patients) {
          totals.set(stratumOf(rows), (totals.get(stratumOf(rows)) ?? 0) + rows.length);
        }
        const largest = Math.max(...patients.map(({ length }) => length));
        const counts = new Map([...totals.keys()].map((stratum) => [stratum, 0]));
        for (const rows of patients) {
          counts.set(stratumOf(rows), counts.get(stratumOf(rows))! + rows.length);
          // There is a share t with |count - t total| <= a patient's ECGs in every stratum.
          const least = Math.max(...[...counts].map(([stratum, n]) => (n - largest) / totals.get(stratum)!));
          const most = Math.min(...[...counts].map(([stratum, n]) => (n + largest) / totals.get(stratum)!));
          expect(least).toBeLessThanOrEqual(most + 1e-12);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuse labels that do not fit', () => {
    const few = { patientIds: ['a', 'b'], labels: { MI: new Uint8Array(3) } };
    expect(() => stratifiedPatients(few, { seed: 0, name: 'test' })).toThrow(
      'labels of MI: expected 2, one per row, got 3',
    );
    const none = { patientIds: [], labels: { MI: new Uint8Array() } };
    expect(() => stratifiedPatients(none, { seed: 0, name: 'test' })).toThrow('patients: expected at least one row');
  });
});

describe('a data-usage subset', () => {
  it('is the share to within half a patient, nested, with whole patients', () => {
    fc.assert(
      fc.property(cohorts, fc.nat(), (ecgs, seed) => {
        const { patientIds } = ecgs;
        const sizes = new Map<string, number>();
        for (const patient of patientIds) sizes.set(patient, (sizes.get(patient) ?? 0) + 1);
        const [tenth, quarter, half, whole] = [0.1, 0.25, 0.5, 1].map((share) => {
          const subset = dataUsageSubset(ecgs, { share, seed });
          expectPositions(subset, patientIds.length);
          const off = Math.abs(subset.length - share * patientIds.length);
          expect(off).toBeLessThanOrEqual(Math.max(...sizes.values()) / 2);
          const patients = new Set(Array.from(subset, (row) => patientIds[row]));
          expect([...patients].reduce((sum, patient) => sum + sizes.get(patient)!, 0)).toBe(subset.length);
          return subset;
        });
        expect(isWithin(tenth, quarter) && isWithin(quarter, half)).toBe(true);
        expect(whole).toHaveLength(patientIds.length);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps the prevalence of each task better than a plain draw of patients', () => {
    const ecgs = cohort(2000, 7);
    const errorOf = (subset: Int32Array) => {
      const shares = Object.values(ecgs.labels).map((labels) => {
        const share = subset.reduce((sum, row) => sum + labels[row], 0) / subset.length;
        return Math.abs(share - labels.reduce((sum, label) => sum + label, 0) / labels.length);
      });
      return shares.reduce((sum, share) => sum + share);
    };
    const mean = (draw: (seed: number) => Int32Array) =>
      Array.from({ length: 40 }, (_, seed) => errorOf(draw(seed))).reduce((sum, error) => sum + error) / 40;
    const plain = (seed: number) => {
      const chosen = new Set(
        randomStream(seed, 'plain')
          .shuffled([...new Set(ecgs.patientIds)])
          .slice(0, 200),
      );
      return Int32Array.from(ecgs.patientIds.keys()).filter((row) => chosen.has(ecgs.patientIds[row]));
    };
    const stratified = (seed: number) => dataUsageSubset(ecgs, { share: 0.1, seed });
    expect(mean(stratified)).toBeLessThan(mean(plain) / 2);
    expect(stratified(1)).toEqual(stratified(1));
    expect(stratified(1)).not.toEqual(stratified(2));
  });

  it('refuses a share out of range', () => {
    for (const share of [0, 1.1, Number.NaN]) {
      expect(() => dataUsageSubset(cohort(30, 0), { share, seed: 0 })).toThrow(
        'data usage: expected a share in (0, 1]',
      );
    }
  });
});

describe('a grouped split', () => {
  it('puts every ECG into one part and every patient on one side, in the sizes asked for', () => {
    fc.assert(
      fc.property(cohorts, fc.nat(), (ecgs, seed) => {
        const { patientIds } = ecgs;
        const n = patientIds.length;
        const { train, validation, test } = groupedSplit(ecgs, { seed });
        for (const part of [train, validation, test]) expectPositions(part, n);
        expect([...train, ...validation, ...test].sort((a, b) => a - b)).toEqual(Array.from(patientIds.keys()));
        const patients = [train, validation, test].map((part) => new Set(Array.from(part, (row) => patientIds[row])));
        expect(patients[0].size + patients[1].size + patients[2].size).toBe(new Set(patientIds).size);
        expect(Math.abs(test.length - n / 10)).toBeLessThanOrEqual(1.5);
        expect(Math.abs(validation.length - (n - test.length) / 10)).toBeLessThanOrEqual(1.5);
      }),
      { numRuns: 50 },
    );
  });

  it('does without a validation part, and refuses what leaves nothing to train on', () => {
    expect(groupedSplit(cohort(50, 0), { seed: 0, validationShare: 0 }).validation).toHaveLength(0);
    const one = { patientIds: ['a', 'a'], labels: { MI: Uint8Array.of(0, 1) } };
    expect(() => groupedSplit(one, { seed: 0, testShare: 0.9 })).toThrow('expected ECGs to train on, got none');
    expect(() => groupedSplit(cohort(30, 0), { seed: 0, testShare: 0 })).toThrow(/expected a testShare in \(0, 1\)/);
  });

  it('refuses patients who are too few for a part, or missing', () => {
    const ecgs = (...patientIds: string[]) => ({ patientIds, labels: { MI: Uint8Array.from(patientIds, () => 1) } });
    const split = (...ids: string[]) => groupedSplit(ecgs(...ids), { seed: 0 });
    expect(() => split('a', 'a', 'a', 'a')).toThrow(ArgumentError);
    expect(() => split('a', 'a', 'a', 'a')).toThrow(/ECGs to validate on, got none: 1 patient is too few/);
    expect(() => groupedSplit(ecgs('a', 'a'), { seed: 0, validationShare: 0 })).toThrow(/ECGs to test on, got none/);
    expect(() => split('a', 'b', 'b', 'c', 'c', 'c')).toThrow(/got none: 3 patients are too few/);
    for (const id of ['nan', 'None', 'NULL', '1.23457E+11']) {
      const many = ecgs(...Array.from({ length: 40 }, (_, i) => (i === 7 ? id : `p${i}`)));
      expect(() => groupedSplit(many, { seed: 0 }), id).toThrow(/^row 7: patient id: expected/);
      expect(() => dataUsageSubset(many, { share: 0.5, seed: 0 }), id).toThrow(ArgumentError);
    }
    expect(() => dataUsageSubset(ecgs('a', 'a', 'b'), { share: 0.1, seed: 0 })).toThrow(/ECGs to train on, got none/);
    expect(stratifiedPatients(ecgs('7.0', '7', '07'), { seed: 0, name: 'x' })).toHaveLength(2);
  });
});

describe('the list of a subset', () => {
  it('names records, patients and labels, in order', () => {
    const folder = mkdtempSync(join(tmpdir(), 'subset-'));
    const ecgs = {
      recordIds: ['r0', 'r1', 'r2'],
      patientIds: ['p0', 'p,1', 'p2'],
      labels: { MI: Uint8Array.of(0, 1, 0), HYP: Uint8Array.of(1, 1, 0) },
    };
    writeSubset(folder, ecgs, { positions: [1, 2] });
    expect(readCsv(join(folder, 'subset.csv'))).toEqual([
      { record_id: 'r1', patient_id: 'p,1', label_mi: '1', label_hyp: '1' },
      { record_id: 'r2', patient_id: 'p2', label_mi: '0', label_hyp: '0' },
    ]);
    writeSubset(folder, ecgs, { positions: [2] }); // its own list
    expect(readCsv(join(folder, 'subset.csv'))).toHaveLength(1);
    writeFileSync(join(folder, 'mine.csv'), 'ecg,choice\n1,yes\n');
    expect(() => writeSubset(folder, ecgs, { file: 'mine.csv' })).toThrow(
      /mine\.csv: file of a subset: expected none yet, .*got ecg,choice/,
    );
    expect(readFileSync(join(folder, 'mine.csv'), 'utf8')).toBe('ecg,choice\n1,yes\n');
  });
});
