import { SUPERCLASSES, type Superclass } from '../datasets/superclass';
import { FS_HZ, SAMPLES } from '../signal/leads';
import type { EcgStore } from './open-store';

/** The counts of a store. */
export interface StoreDescription {
  readonly dataset: string;
  readonly records: number;
  readonly patients: number;
  /** Records by the publisher's fold; empty where there are none. */
  readonly folds: Readonly<Record<number, number>>;
  /** Records without a fold. */
  readonly foldless: number;
  /** Records that have each superclass; undefined where the dataset carries none. */
  readonly superclasses: Readonly<Record<Superclass, number>> | undefined;
  /** Records without any superclass. */
  readonly unlabelled: number;
  /** Records shorter than 10 s, which have zeros at both ends. */
  readonly padded: number;
  /** Records longer than 10 s, of which the middle was kept. */
  readonly cropped: number;
  /** Values beyond the +-32.767 mV of int16, which were clipped to it. */
  readonly saturated: number;
  /** Invalid samples, as published, that were bridged. */
  readonly bridged: number;
  /** Records that were accepted though their headers' placeholders kept them from being verified. */
  readonly unverified: number;
  /** Records that could not be used, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** Counts the records, patients, folds and superclasses of a store, what standardising took away, and what it rejected. */
export function describeStore(store: EcgStore): StoreDescription {
  const { manifest, length, labels } = store;
  const folds: Record<number, number> = {};
  for (const fold of store.stratFold) if (fold > 0) folds[fold] = (folds[fold] ?? 0) + 1;
  const superclasses = {} as Record<Superclass, number>;
  for (const name of SUPERCLASSES) superclasses[name] = labels[name].reduce((sum, value) => sum + value, 0);
  let unlabelled = 0;
  for (let i = 0; i < length; i++) if (SUPERCLASSES.every((name) => labels[name][i] === 0)) unlabelled++;
  const inFolds = Object.values(folds).reduce((sum, value) => sum + value, 0);
  const lengths = store.samples.map((samples, i) => Math.ceil((samples * FS_HZ) / store.fsHz[i] - 1e-6)); // at 250 Hz
  return {
    dataset: manifest.dataset,
    records: length,
    patients: new Set(store.patientIds).size,
    folds,
    foldless: length - inFolds,
    superclasses: manifest.labelled ? superclasses : undefined,
    unlabelled,
    padded: lengths.filter((samples) => samples < SAMPLES).length,
    cropped: lengths.filter((samples) => samples > SAMPLES).length,
    saturated: manifest.saturated,
    bridged: manifest.bridged,
    unverified: manifest.unverified,
    rejected: manifest.rejected as Record<string, number>,
  };
}
