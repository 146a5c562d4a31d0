import { SUPERCLASSES, type Superclass } from '../datasets/superclass';
import type { EcgStore } from './open-store';

/** The counts of a store. */
export interface StoreDescription {
  readonly dataset: string;
  readonly records: number;
  readonly patients: number;
  /** Records by the publisher's fold; empty where there are none. */
  readonly folds: Readonly<Record<number, number>>;
  /** Records that have each superclass; undefined where the dataset carries none. */
  readonly superclasses: Readonly<Record<Superclass, number>> | undefined;
  /** Records without any superclass. */
  readonly unlabelled: number;
  /** Records that could not be used, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** Counts the records, patients, folds and superclasses of a store, and its rejected records by reason. */
export function describeStore(store: EcgStore): StoreDescription {
  const { manifest, length, labels } = store;
  const folds: Record<number, number> = {};
  for (const fold of store.stratFold) if (fold > 0) folds[fold] = (folds[fold] ?? 0) + 1;
  const superclasses = {} as Record<Superclass, number>;
  for (const name of SUPERCLASSES) superclasses[name] = labels[name].reduce((sum, value) => sum + value, 0);
  let unlabelled = 0;
  for (let i = 0; i < length; i++) if (SUPERCLASSES.every((name) => labels[name][i] === 0)) unlabelled++;
  return {
    dataset: manifest.dataset,
    records: length,
    patients: new Set(store.patientIds).size,
    folds,
    superclasses: manifest.labelled ? superclasses : undefined,
    unlabelled,
    rejected: manifest.rejected as Record<string, number>,
  };
}
