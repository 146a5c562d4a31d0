import type { EcgRecord } from './ecg-record';
import type { Superclass } from './superclass';

/**
 * What a dataset's tables say of one record before its signal is read.
 *
 * Fields may be computed when they are asked for: name them, a spread (`{ ...row }`) may miss some.
 */
export interface DatasetRow {
  /** The publisher's id; unique in the dataset. */
  readonly recordId: string;
  readonly patientId: string;
  /** The publisher's fold, 1 to 10; 0 where there are none. */
  readonly stratFold: number;
  /** File of the record, relative to the dataset's folder. */
  readonly file: string;
  /** The superclasses that the ECG has; undefined where the dataset carries no such labels. */
  readonly superclasses: readonly Superclass[] | undefined;
}

/** An opened dataset in its publisher's layout. */
export interface Dataset {
  readonly name: string;
  /** Its folder, or the archive that it is read from, absolute. */
  readonly folder: string;
  /** What was chosen on opening and decides the signals, such as the rate; part of a store's identity. */
  readonly choices: Readonly<Record<string, string | number>>;
  /** A row a record, in the publisher's order. */
  readonly rows: readonly DatasetRow[];
  /**
   * Reads the signal of one row.
   *
   * @throws KitError when the record cannot be read; a store then lists it as `missing-file`, `unreadable` or by the
   *   reason of an `UnusableSignalError`, unless the machine is at fault
   */
  read(row: DatasetRow): EcgRecord;
  /**
   * Makes sure that the disk has room for what so many processes that read at once unpack.
   *
   * @throws StorageError when it has not
   */
  requireRoom?(processes: number): void;
  /** Lets go of files held open; `read` is not called after it. */
  close?(): void;
}

/** Options that a dataset may take on opening. */
export interface DatasetOptions {
  /** Sampling rate, Hz, where the publisher ships several. */
  readonly rate?: number;
  /** The table of a dataset of one's own (`wfdb-folder`). */
  readonly csv?: string;
  /** What that table calls its columns where they have other names than the expected ones. */
  readonly columns?: Readonly<Record<string, string>>;
  /** The encoding of that table: a label of the Encoding Standard, such as `windows-1252`. */
  readonly encoding?: string;
  /** What becomes of WFDB headers with placeholders for checksums (`readWfdbRecord`); default `refuse`. */
  readonly placeholderChecksums?: 'refuse' | 'accept';
}

/** One dataset that the kit knows: what `lib/datasets/<name>.ts` exports. */
export interface DatasetFormat {
  /** Name on the command line and of the folders under `data/`. */
  readonly name: string;
  /** What it is, in a line. */
  readonly title: string;
  /** Names of the options that it takes on opening; others do nothing. */
  readonly options: readonly string[];
  /**
   * Reads the dataset's tables.
   *
   * @param folder the publisher's files: a folder, or a zip archive of it, which stays zipped
   *
   * @throws MissingFileError, FormatError when the folder is not in the publisher's layout
   */
  open(folder: string, options?: DatasetOptions): Dataset | Promise<Dataset>;
}
