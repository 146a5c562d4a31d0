import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset';
import { SUPERCLASSES } from '../datasets/superclass';
import { printable } from '../errors';
import { writeCsv } from '../io/csv';
import { hashFile } from '../io/hash-file';
import { releaseFolder } from '../io/own-folder';
import { type ParquetColumn, writeParquet } from '../io/parquet';
import { writeFileWhole } from '../io/whole-file';
import { FS_HZ, LEADS, SAMPLES } from '../signal/leads';
import type { RejectionReason } from '../signal/quality';
import { type KeptColumns, keptColumns } from './kept-columns';
import { MANIFEST_FILE, manifestHash, STORE_VERSION, type StoreManifest } from './manifest';
import { removeDuplicates } from './remove-duplicates';
import { readShardNote, shardName } from './shard-note';
import { removeLeftovers } from './store-folder';
import type { StorePlan } from './store-plan';
import { STORED_TYPES } from './stored-type';

const REJECTED_COLUMNS = ['record_id', 'patient_id', 'file', 'reason', 'detail'] as const;

/**
 * Makes a store of shards that are all there with their notes: takes out the duplicates, writes the index, the list of the
 * rejected and last the manifest, and removes what else a store may have left.
 *
 * @param shards number of shards, those without records included
 */
export async function finishStore(
  folder: string,
  dataset: Dataset,
  { plan, shards }: { readonly plan: StorePlan; readonly shards: number },
): Promise<StoreManifest> {
  let kept = keptColumns(folder, shards, dataset.rows.length);
  if (plan.quality.rejectDuplicates && (await removeDuplicates(folder, kept, { dataset, type: plan.type })) > 0) {
    kept = keptColumns(folder, shards, dataset.rows.length);
  }
  await writeParquet(join(folder, 'index.parquet'), indexColumns(dataset, kept));
  const counts: Partial<Record<RejectionReason, number>> = {};
  writeCsv(join(folder, 'rejected.csv'), REJECTED_COLUMNS, rejectedRows(folder, dataset, { shards, counts }));
  const hashed = async (file: string) => ({ file, sha256: await hashFile(join(folder, file)) });
  const files = Array.from({ length: shards }, (_, shard) => {
    const { kept, sha256 } = readShardNote(folder, shard);
    return { file: `${shardName(shard)}.npy`, records: kept.position.length, sha256 };
  }).filter(({ records }) => records > 0);
  const { bandPass, zScore } = plan.standardise;
  const unhashed: Omit<StoreManifest, 'hash'> = {
    version: STORE_VERSION,
    dataset: dataset.name,
    choices: dataset.choices,
    labelled: dataset.rows.some((row) => row.superclasses !== undefined),
    leads: [...LEADS],
    samples: SAMPLES,
    fsHz: FS_HZ,
    unit: zScore ? 'standard deviation' : plan.type === 'int16' ? 'uV' : 'mV',
    type: STORED_TYPES[plan.type].npy,
    saturated: kept.saturated,
    bridged: kept.bridged,
    unverified: kept.unverified,
    recordsPerShard: plan.recordsPerShard,
    standardise: { bandPass, zScore },
    quality: { ...plan.quality },
    records: kept.length,
    rejected: counts,
    shards: files,
    index: await hashed('index.parquet'),
    rejectedRows: await hashed('rejected.csv'),
    source: plan.source,
  };
  const manifest: StoreManifest = { ...unhashed, hash: manifestHash(unhashed) };
  removeLeftovers(folder, files, { notes: false }); // a killed call needs them as long as there is no manifest
  writeFileWhole(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  removeLeftovers(folder, files);
  releaseFolder(folder);
  return manifest;
}

function indexColumns({ name, rows }: Dataset, kept: KeptColumns): ParquetColumn[] {
  const of = <T>(value: (position: number) => T) => Array.from(kept.position, value);
  const numbers = (value: (position: number) => number) => Int32Array.from(kept.position, value);
  return [
    { name: 'dataset', type: 'STRING', values: of(() => name) },
    { name: 'record_id', type: 'STRING', values: of((position) => rows[position].recordId) },
    { name: 'patient_id', type: 'STRING', values: of((position) => rows[position].patientId) },
    { name: 'shard', type: 'INT32', values: kept.shard },
    { name: 'row', type: 'INT32', values: kept.row },
    { name: 'fs_hz', type: 'DOUBLE', values: kept.fsHz },
    { name: 'samples', type: 'INT32', values: kept.samples },
    { name: 'strat_fold', type: 'INT32', values: numbers((position) => rows[position].stratFold) },
    ...SUPERCLASSES.map((superclass) => ({
      name: superclass.toLowerCase(),
      type: 'INT32' as const,
      values: numbers((position) => {
        const { superclasses } = rows[position];
        return superclasses === undefined ? -1 : Number(superclasses.includes(superclass));
      }),
    })),
  ];
}

/** The rows of `rejected.csv`, from one note after the other; counts them by reason on the way. */
function* rejectedRows(
  folder: string,
  dataset: Dataset,
  { shards, counts }: { readonly shards: number; readonly counts: Partial<Record<RejectionReason, number>> },
) {
  for (let shard = 0; shard < shards; shard++) {
    for (const { position, reason, detail } of readShardNote(folder, shard).rejected) {
      counts[reason] = (counts[reason] ?? 0) + 1;
      const { recordId, patientId } = dataset.rows[position];
      // the names are the publisher's, and the file is looked at in a terminal
      const [record_id, patient_id, file, words] = [recordId, patientId, dataset.rows[position].file, detail].map(
        printable,
      );
      yield { record_id, patient_id, file, reason, detail: words };
    }
  }
}
