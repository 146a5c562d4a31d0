import { createHash } from 'node:crypto';
import type { Dataset } from '../datasets/dataset';
import type { BandPassOptions } from '../signal/butterworth';
import type { QualityOptions } from '../signal/quality';
import { STORE_VERSION } from './manifest';
import type { StoredType } from './stored-type';

/** What decides the bytes of a store besides its dataset; every worker process gets it. */
export interface StorePlan {
  /** Rows of the dataset that a shard is made from: shard k has those from k R to (k + 1) R, without the rejected. */
  readonly recordsPerShard: number;
  readonly quality: Required<QualityOptions>;
  readonly standardise: { readonly bandPass: Required<BandPassOptions> | null; readonly zScore: boolean };
  readonly type: StoredType;
  /** `sourceHash` of the dataset and of all the above. */
  readonly source: string;
}

/** Hash of the rows and options that a store is made from: a store or a shard of an equal one need not be made again. */
export function sourceHash(dataset: Dataset, plan: Omit<StorePlan, 'source'>): string {
  const hash = createHash('sha256');
  const { name, choices } = dataset;
  const { recordsPerShard, quality, standardise, type } = plan;
  hash.update(JSON.stringify({ version: STORE_VERSION, name, choices, recordsPerShard, quality, standardise, type }));
  for (const { recordId, patientId, stratFold, file, superclasses } of dataset.rows) {
    hash.update(JSON.stringify([recordId, patientId, stratFold, file, superclasses]));
  }
  return hash.digest('hex');
}

/** The dataset's rows of one shard: from `start` to before `end`. */
export function shardRows(shard: number, recordsPerShard: number, rows: number): { start: number; end: number } {
  return { start: shard * recordsPerShard, end: Math.min((shard + 1) * recordsPerShard, rows) };
}
