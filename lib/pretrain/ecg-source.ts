import type { StoreManifest } from '../store/manifest';
import type { EcgStore } from '../store/open-store';

/** Unlabelled ECGs to learn from. */
export interface EcgSource {
  readonly recordIds: readonly string[];
  readonly patientIds: readonly string[];
  /**
   * ECGs by row number.
   *
   * @param out where they may go, as long as they are; else a new array
   * @returns `[row, lead = 12, sample = 2500]`, mV
   */
  read(rows: ArrayLike<number>, out?: Float32Array): Float32Array;
  /**
   * Where the ECGs lie, if they lie in a store: a worker thread then reads and augments the next batch while one is
   * trained on. Without it that is done between the steps; the batches are the same.
   */
  readonly store?: StoreRows;
}

/** Rows of a store, in the order of the source. */
export interface StoreRows {
  readonly folder: string;
  readonly manifest: StoreManifest;
  readonly rows: Int32Array;
}

/** Some ECGs of a store, to learn from. */
export function storeSource(store: EcgStore, rows: Int32Array): EcgSource {
  const { folder, manifest } = store;
  return {
    recordIds: Array.from(rows, (row) => store.recordIds[row]),
    patientIds: Array.from(rows, (row) => store.patientIds[row]),
    read: (chosen, out) =>
      store.read(
        Array.from(chosen, (i) => rows[i]),
        out,
      ),
    store: { folder, manifest, rows },
  };
}
