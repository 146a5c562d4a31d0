import { ArgumentError } from '../errors';
import { randomStream } from '../random';
import type { EcgStore } from '../store/open-store';
import type { Profile } from './profile-schema';

/** The four parts that a profile makes of a store. */
export const SPLITS = ['pretrain', 'train', 'validation', 'test'] as const;

export type Split = (typeof SPLITS)[number];

/** Row numbers of a store's ECGs, by split, in the store's order. */
export type Cohort = Readonly<Record<Split, Int32Array>>;

/**
 * The ECGs of each split of a profile.
 *
 * A limit takes patients in a fixed random order (seed 0), each with all their ECGs, until it is reached; so `pretrain`
 * and `train` with the same folds and limit are the same ECGs, and the patient-level loss finds its pairs.
 *
 * @throws ArgumentError when a split has no ECG, or test or validation share a patient with pretraining or training
 */
export function selectCohort(store: EcgStore, { data }: Pick<Profile, 'data'>): Cohort {
  const cohort = Object.fromEntries(SPLITS.map((split) => [split, selectRows(store, data[split])]));
  for (const split of SPLITS) {
    if (cohort[split].length === 0) {
      const expected = `ECGs in folds ${data[split].folds.join(', ')}`;
      throw new ArgumentError('split', { expected, actual: 'none', where: { key: split, file: store.folder } });
    }
  }
  const patientsOf = (split: Split) => new Set(Array.from(cohort[split], (row) => store.patientIds[row]));
  for (const learning of ['pretrain', 'train'] as const) {
    const learnt = patientsOf(learning);
    for (const judging of ['validation', 'test'] as const) {
      const shared = [...patientsOf(judging)].find((patient) => learnt.has(patient));
      if (shared !== undefined) {
        const actual = `patient ${shared} in ${learning} and ${judging}`;
        throw new ArgumentError('splits', { expected: 'no patient on both sides', actual });
      }
    }
  }
  return cohort as Cohort;
}

function selectRows(store: EcgStore, { folds, limit = Number.POSITIVE_INFINITY }: Profile['data'][Split]): Int32Array {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < store.length; row++) {
    if (!folds.includes(store.stratFold[row])) continue;
    const rows = rowsOf.get(store.patientIds[row]);
    if (rows === undefined) rowsOf.set(store.patientIds[row], [row]);
    else rows.push(row);
  }
  const patients = [...rowsOf.values()];
  const chosen: number[] = [];
  for (const rows of Number.isFinite(limit) ? randomStream(0, 'cohort').shuffled(patients) : patients) {
    if (chosen.length + rows.length <= limit) chosen.push(...rows);
  }
  return Int32Array.from(chosen).sort();
}
