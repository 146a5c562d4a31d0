import { hashColumn } from './find-duplicates';
import { readShardNote } from './shard-note';

/** All records of a store in typed columns: some 30 bytes a record, however many there are. */
export interface KeptColumns {
  readonly length: number;
  /** Position in the dataset's rows. */
  readonly position: Int32Array;
  readonly shard: Int32Array;
  /** Row in the shard. */
  readonly row: Int32Array;
  readonly fsHz: Float64Array;
  readonly samples: Int32Array;
  /** `contentHash`, two halves a record. */
  readonly hashes: Uint32Array;
  /** Values of all records that did not fit into int16 microvolts. */
  readonly saturated: number;
  /** Invalid samples of all records that were bridged. */
  readonly bridged: number;
  /** Records that could not be verified, for their headers have placeholders. */
  readonly unverified: number;
}

/** Collects the records of all shards from their notes, one note at a time. */
export function keptColumns(folder: string, shards: number, rows: number): KeptColumns {
  const columns = {
    position: new Int32Array(rows),
    shard: new Int32Array(rows),
    row: new Int32Array(rows),
    fsHz: new Float64Array(rows),
    samples: new Int32Array(rows),
    hashes: hashColumn(rows),
  };
  let length = 0;
  let saturated = 0;
  let bridged = 0;
  let unverified = 0;
  for (let shard = 0; shard < shards; shard++) {
    const kept = readShardNote(folder, shard).kept;
    const { position, fsHz, samples, content } = kept;
    for (let row = 0; row < position.length; row++, length++) {
      columns.position[length] = position[row];
      columns.shard[length] = shard;
      columns.row[length] = row;
      columns.fsHz[length] = fsHz[row];
      columns.samples[length] = samples[row];
      saturated += kept.saturated[row];
      bridged += kept.bridged[row];
      unverified += kept.unverified[row];
      columns.hashes[2 * length] = Number.parseInt(content[row].slice(0, 8), 16);
      columns.hashes[2 * length + 1] = Number.parseInt(content[row].slice(8), 16);
    }
  }
  const cut = <T extends Int32Array | Float64Array>(column: T) => column.subarray(0, length) as T;
  return {
    length,
    position: cut(columns.position),
    shard: cut(columns.shard),
    row: cut(columns.row),
    fsHz: cut(columns.fsHz),
    samples: cut(columns.samples),
    hashes: columns.hashes.subarray(0, 2 * length),
    saturated,
    bridged,
    unverified,
  };
}
