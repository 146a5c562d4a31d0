import { KitError } from '../errors';
import type { Hdf5File, Hdf5Values } from './hdf5';

/** Bytes that are read at once, about. */
const BLOCK_BYTES = 16 * 2 ** 20;
/** Most bytes of a block where a chunk of the file holds more rows. */
const MAX_BLOCK_BYTES = 64 * 2 ** 20;

/**
 * Rows of a dataset one after another, read in blocks ahead: HDF5 unpacks a chunk for every slice that touches it.
 *
 * A block is a stretch of whole chunks, about 16 MiB, at most 64.
 */
export class Hdf5Rows {
  /** Values of a row. */
  readonly rowValues: number;
  private readonly rows: number;
  private readonly blockRows: number;
  private block: { readonly from: number; readonly values: Hdf5Values } | undefined;
  /** First row of a block that cannot be read whole: its rows are read one by one. */
  private damaged = -1;

  /** @throws as `Hdf5File.dataset` */
  constructor(
    private readonly file: Hdf5File,
    private readonly name: string,
  ) {
    const { shape, rowBytes, chunkRows = 1 } = file.dataset(name);
    this.rows = shape[0];
    this.rowValues = shape.slice(1).reduce((product, extent) => product * extent, 1);
    const fitting = Math.max(1, Math.floor(BLOCK_BYTES / Math.max(1, rowBytes)));
    const chunks = Math.max(1, Math.floor(fitting / chunkRows));
    this.blockRows = chunks * chunkRows * rowBytes <= MAX_BLOCK_BYTES ? chunks * chunkRows : fitting;
  }

  /**
   * One row.
   *
   * @returns its values; they may change with the next call
   * @throws ArgumentError when there is no such row; FormatError when it cannot be read
   */
  read(row: number): Hdf5Values {
    const from = Math.floor(row / this.blockRows) * this.blockRows;
    if (row >= 0 && row < this.rows && this.block?.from !== from && this.damaged !== from) this.fetch(from);
    if (this.block?.from !== from) return this.file.read(this.name, { from: row, to: row + 1 });
    const start = (row - from) * this.rowValues;
    return this.block.values.subarray(start, start + this.rowValues);
  }

  private fetch(from: number): void {
    this.block = undefined;
    try {
      const to = Math.min(this.rows, from + this.blockRows);
      this.block = { from, values: this.file.read(this.name, { from, to }) };
    } catch (fault) {
      if (!(fault instanceof KitError)) throw fault;
      this.damaged = from; // some row of it may be whole
    }
  }
}
