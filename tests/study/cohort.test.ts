import { describe, expect, it } from 'vitest';
import type { EcgStore } from '../../lib/store/open-store';
import { selectCohort } from '../../lib/study/cohort';
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

  it('are refused when a patient is on both sides, or a split is empty', () => {
    expect(() => selectCohort(store({ leak: true }), { data })).toThrow(/patient 0 in pretrain and/);
    const empty = { ...data, test: { folds: [10], limit: 1 } };
    expect(() => selectCohort(store(), { data: empty })).toThrow(/expected ECGs in folds 10, got none/);
  });
});
