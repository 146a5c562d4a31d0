import { type EcgSource, joinedSource, storeSource } from '../pretrain/ecg-source';
import type { EcgStore } from '../store/open-store';
import type { Cohort } from './cohort';

/** Stores of a study: of its own dataset, and by name of each other dataset that it pretrains on. */
export interface StudyStores {
  readonly store: EcgStore;
  readonly others: ReadonlyMap<string, EcgStore>;
}

/** The unlabelled ECGs of a study: its split for pretraining, then all of each other dataset. */
export function pretrainingSource({ store, others, cohort }: StudyStores & { readonly cohort: Cohort }): EcgSource {
  const own = storeSource(store, cohort.pretrain);
  if (others.size === 0) return own;
  const sources = [...others].map(([name, other]) => [name, storeSource(other, allRows(other))] as const);
  const withOwn = cohort.pretrain.length === 0 ? sources : [[store.manifest.dataset, own] as const, ...sources];
  return joinedSource(new Map(withOwn));
}

/** How many ECGs that are. */
export function pretrainingEcgs({ others, cohort }: Pick<StudyStores, 'others'> & { readonly cohort: Cohort }): number {
  return [...others.values()].reduce((sum, { length }) => sum + length, cohort.pretrain.length);
}

function allRows({ length }: EcgStore): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}
