import type { StoreManifest } from '../store/manifest';
import type { EcgStore } from '../store/open-store';
import { ECG_SIZE } from './augmentation';

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
   * Where the ECGs lie, if they lie in stores: those of the first store come first. A worker thread then reads and
   * augments the next batch while one is trained on. Without it that is done between the steps; the batches are the same.
   */
  readonly stores?: readonly StoreRows[];
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
    stores: [{ folder, manifest, rows }],
  };
}

/**
 * ECGs of several datasets as one source, those of the first dataset first: what the paper pretrains on.
 *
 * Patients of two datasets are two people, whatever their ids: ids get the dataset's name before them.
 *
 * @param named the sources by the names of their datasets
 */
export function joinedSource(named: ReadonlyMap<string, EcgSource>): EcgSource {
  const sources = [...named.values()];
  const starts: number[] = []; // first row of each source
  let length = 0;
  for (const { recordIds } of sources) {
    starts.push(length);
    length += recordIds.length;
  }
  const ids = (of: (source: EcgSource) => readonly string[]) =>
    [...named].flatMap(([name, source]) => of(source).map((id) => `${name}/${id}`));
  const stores = sources.map((source) => source.stores);
  return {
    recordIds: ids(({ recordIds }) => recordIds),
    patientIds: ids(({ patientIds }) => patientIds),
    read(rows, out = new Float32Array(rows.length * ECG_SIZE)) {
      for (let i = 0; i < rows.length; i++) {
        const part = starts.findLastIndex((start) => start <= rows[i]);
        sources[part].read([rows[i] - starts[part]], out.subarray(i * ECG_SIZE, (i + 1) * ECG_SIZE));
      }
      return out;
    },
    stores: stores.every((some) => some !== undefined) ? stores.flat() : undefined,
  };
}
