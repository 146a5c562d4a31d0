import { ArgumentError } from '../errors';
import { type GroupedSplit, groupedSplit } from '../evaluate/grouped-split';
import { randomStream } from '../random';
import type { EcgStore } from '../store/open-store';
import type { Profile } from './profile-schema';

/** The four parts that a profile makes of a store. */
export const SPLITS = ['pretrain', 'train', 'validation', 'test'] as const;

export type Split = (typeof SPLITS)[number];

/** Row numbers of a store's ECGs, by split, in the store's order; ECGs of other datasets, to pretrain on, are none of it. */
export type Cohort = Readonly<Record<Split, Int32Array>>;

/** Splits that share no patient: what learns, what chooses, what judges. */
const APART: readonly (readonly [Split, Split])[] = [
  ['pretrain', 'validation'],
  ['pretrain', 'test'],
  ['train', 'validation'],
  ['train', 'test'],
  ['validation', 'test'],
];

/**
 * The ECGs of each split of a profile.
 *
 * A limit takes patients in a fixed random order (seed 0), each with all their ECGs, those that still fit; so `pretrain`
 * and `train` with the same folds and limit are the same ECGs, and the patient-level loss finds its pairs.
 *
 * @throws ArgumentError when a split has no ECG (unless pretraining is on other datasets), or test or validation share a
 *   patient with each other, with pretraining or with training
 */
export function selectCohort(store: EcgStore, { data }: Pick<Profile, 'data'>): Cohort {
  const cohort = Object.fromEntries(SPLITS.map((split) => [split, selectRows(store, data[split])]));
  for (const split of SPLITS) {
    if (cohort[split].length === 0 && isOwn(data[split])) {
      const expected = `ECGs in ${subsetName(data[split])}`;
      throw new ArgumentError('split', { expected, actual: 'none', where: { key: split, file: store.folder } });
    }
  }
  const patientsOf = (split: Split) => new Set(Array.from(cohort[split], (row) => store.patientIds[row]));
  for (const [one, other] of APART) {
    const known = patientsOf(one);
    const shared = [...patientsOf(other)].find((patient) => known.has(patient));
    if (shared !== undefined) {
      const actual = `patient ${shared} in ${one} and ${other}`;
      throw new ArgumentError('splits', { expected: 'no patient on both sides', actual });
    }
  }
  return cohort as Cohort;
}

/** `folds 1, 2, 3`, or `the part test of a split by patients`; of other datasets their names. */
export function subsetName(subset: Profile['data'][Split]): string {
  if (!isOwn(subset)) return subset.datasets.join(', ');
  if ('part' in subset) return `the part ${subset.part} of a split by patients`;
  return `${subset.folds.length === 1 ? 'fold' : 'folds'} ${subset.folds.join(', ')}`;
}

/** Whether a subset is of the profile's own dataset, in part at least. */
export function isOwn(subset: Profile['data'][Split]): subset is Exclude<Profile['data'][Split], OfOthers> {
  return 'part' in subset || 'folds' in subset;
}

type OfOthers = { datasets: string[]; folds?: undefined; part?: undefined };

function selectRows(store: EcgStore, subset: Profile['data'][Split]): Int32Array {
  if (!isOwn(subset)) return new Int32Array(0);
  const rows = 'part' in subset ? rowsOfPart(store, subset) : rowsOfFolds(store, subset.folds);
  const { limit } = subset;
  if (limit === undefined) return rows;
  const rowsOf = new Map<string, number[]>();
  for (const row of rows) {
    const patient = store.patientIds[row];
    const own = rowsOf.get(patient);
    if (own === undefined) rowsOf.set(patient, [row]);
    else own.push(row);
  }
  const chosen: number[] = [];
  for (const own of randomStream(0, 'cohort').shuffled([...rowsOf.values()])) {
    if (chosen.length + own.length <= limit) chosen.push(...own);
  }
  return Int32Array.from(chosen).sort();
}

function rowsOfFolds(store: EcgStore, folds: readonly number[]): Int32Array {
  const all = Array.from({ length: store.length }, (_, row) => row);
  return Int32Array.from(all.filter((row) => folds.includes(store.stratFold[row])));
}

function rowsOfPart(
  store: EcgStore,
  { part, ...options }: { part: keyof GroupedSplit; testShare: number; validationShare: number; seed: number },
): Int32Array {
  return groupedSplit(store, options)[part];
}
