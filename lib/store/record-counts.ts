import { join } from 'node:path';
import { printable } from '../errors';
import { readCsv } from '../io/csv';
import { readParquet } from '../io/parquet';
import { readManifest, type StoreManifest } from './manifest';
import { requireHash } from './open-store';

/** What a store says of the dataset that it was made from. */
export interface RecordCounts {
  /** Records of the publisher's table, kept and rejected. */
  readonly records: number;
  /** Patients of all of them. */
  readonly patients: number;
  /** Records in the store. */
  readonly kept: number;
  /** Records that could not be used, by reason, the commonest first; also those that the publisher's table lacks. */
  readonly rejected: readonly { readonly reason: string; readonly records: number }[];
  /** Sampling rates as published, Hz, of the records kept, the commonest first. */
  readonly fsHz: readonly { readonly fsHz: number; readonly records: number }[];
  /** Lengths as published, s, of the records kept; undefined where none was. */
  readonly durationS: { readonly commonest: number; readonly shortest: number; readonly longest: number } | undefined;
  /** What was chosen on opening the dataset, such as the rate. */
  readonly choices: StoreManifest['choices'];
  /** The manifest's hash. */
  readonly hash: string;
}

/**
 * Counts the records of a store, those that were rejected too, from its manifest, index and `rejected.csv`.
 *
 * @param folder the folder that `writeStore` has written
 * @throws MissingFileError when there is no store; StaleError, FormatError as `openStore`
 */
export async function countRecords(folder: string): Promise<RecordCounts> {
  const manifest = readManifest(folder);
  for (const { file, sha256 } of [manifest.index, manifest.rejectedRows]) await requireHash(join(folder, file), sha256);
  const columns = ['patient_id', 'fs_hz', 'samples'];
  const index = await readParquet(join(folder, manifest.index.file), { columns });
  const rejected = readCsv(join(folder, manifest.rejectedRows.file), { columns: ['patient_id', 'reason'] });
  // what files hold beyond the table is rejected too, and has no patient
  const listed = rejected.filter(({ patient_id: patient }) => patient !== '');
  const patients = new Set(index.patient_id.map((patient) => printable(String(patient)))); // as in `rejected.csv`
  for (const { patient_id: patient } of listed) patients.add(patient);
  const rates = index.fs_hz as number[];
  const durations = (index.samples as number[]).map((samples, row) => milliseconds(samples / rates[row]));
  const lengths = tally(durations);
  return {
    records: durations.length + listed.length,
    patients: patients.size,
    kept: durations.length,
    rejected: tally(rejected.map(({ reason }) => reason)).map(([reason, records]) => ({ reason, records })),
    fsHz: tally(rates).map(([fsHz, records]) => ({ fsHz, records })),
    durationS:
      lengths.length === 0
        ? undefined
        : {
            commonest: lengths[0][0],
            shortest: lengths.reduce((least, [s]) => Math.min(least, s), lengths[0][0]),
            longest: lengths.reduce((most, [s]) => Math.max(most, s), lengths[0][0]),
          },
    choices: manifest.choices,
    hash: manifest.hash,
  };
}

/** How often each value is there, the commonest first, then in the order of their first. */
function tally<Value>(values: readonly Value[]): [Value, number][] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
