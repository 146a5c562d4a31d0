import { describe, expect, it } from 'vitest';
import type { EcgStore } from '../../lib/store/open-store';
import { selectCohort, subsetName } from '../../lib/study/cohort';
import { readProfile } from '../../lib/study/profiles';

/** 200 ECGs of 100 patients; a patient is in one fold. */
function store({ leak = false } = {}): EcgStore {
  const patients = Array.from({ length: 200 }, (_, row) => row >> 1);
  return {
    folder: 'test',
    length: 200,
    patientIds: patients.map((patient, row) => (leak && row > 190 ? '0' : String(patient))),
    stratFold: Int8Array.from(patients, (patient) => 1 + (patient % 10)),
  } as unknown as EcgStore;
}

const everyNth = (n: number) => Uint8Array.from({ length: 200 }, (_, row) => Number((row >> 1) % n === 0));

const { data } = readProfile('tiny');

describe('the splits of a cohort', () => {
  it('are the folds of the profile', () => {
    const { pretrain, validation, test } = selectCohort(store(), { data });
    expect([pretrain.length, validation.length, test.length]).toEqual([160, 20, 20]);
  });

  it('with a limit keep patients whole and agree between pretraining and training', () => {
    const limited = { ...data.train, limit: 50 };
    const { pretrain, train } = selectCohort(store(), { data: { ...data, pretrain: limited, train: limited } });
    expect(train.length).toBe(50);
    expect(pretrain).toEqual(train);
    for (const row of train) expect(train).toContain(row ^ 1); // the patient's other ECG
  });

  it('can be of a split by patients instead, each label in each part', () => {
    const options = { testShare: 0.2, validationShare: 0.1, seed: 0 };
    const labels = Object.fromEntries(['MI', 'STTC', 'CD', 'HYP'].map((task, t) => [task, everyNth(3 + t)]));
    const labelled = { ...store(), labels } as unknown as EcgStore;
    const part = (name: 'train' | 'validation' | 'test') => ({ part: name, ...options });
    const parts = { train: part('train'), validation: part('validation'), test: part('test') };
    const cohort = selectCohort(labelled, { data: { ...data, ...parts, pretrain: part('train') } });
    expect(cohort.pretrain).toEqual(cohort.train);
    expect([cohort.train.length, cohort.validation.length, cohort.test.length]).toEqual([144, 16, 40]);
    for (const task of ['MI', 'STTC', 'CD', 'HYP'] as const) {
      expect(cohort.test.some((row) => labelled.labels[task][row] === 1)).toBe(true);
    }
    expect(subsetName(part('test'))).toBe('the part test of a split by patients');
    expect(subsetName(data.test)).toBe('fold 10');
  });

  it('are refused when a patient is on both sides, or a split is empty', () => {
    expect(() => selectCohort(store({ leak: true }), { data })).toThrow(/patient 0 in pretrain and/);
    const chosenOnTest = { ...data, validation: { folds: [9, 10] } };
    expect(() => selectCohort(store(), { data: chosenOnTest })).toThrow(/in validation and test/);
    const empty = { ...data, test: { folds: [10], limit: 1 } };
    expect(() => selectCohort(store(), { data: empty })).toThrow(/expected ECGs in fold 10, got none/);
  });
});
