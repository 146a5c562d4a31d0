import { FormatError, type KitError, type Where } from '../errors';
import type { DatasetRow } from './dataset';
import type { Hdf5Part } from './hdf5-parts';

/** A part of a dataset: an HDF5 file that can be opened, or why it cannot. */
export interface ExamPart {
  /** Relative to the dataset's folder. */
  readonly file: string;
  readonly place: Hdf5Part | undefined;
  readonly fault: KitError | undefined;
}

/** An exam whose signal is a row of an HDF5 file. */
export class ExamRow implements DatasetRow {
  /**
   * @param recordId the publisher's id
   * @param patientId of its patient
   * @param part where its signal lies
   * @param position its row there; -1 where that is known only once the part has been unpacked
   * @param fault what keeps it from being read, said when it is
   */
  constructor(
    readonly recordId: string,
    readonly patientId: string,
    readonly part: ExamPart,
    readonly position: number,
    readonly fault?: KitError,
  ) {}

  get stratFold(): number {
    return 0;
  }

  get superclasses(): undefined {
    return undefined;
  }

  get file(): string {
    return this.part.file;
  }
}

/**
 * An id as a table has it: a whole number of at most 15 digits, without leading zeros; one written as a decimal, such as
 * 15709.0, loses its point.
 *
 * @throws FormatError when it is none
 */
export function wholeId(what: string, text: string, where: Where): string {
  const found = /^(0|[1-9]\d{0,14})(\.0*)?$/.exec(text.trim());
  if (found !== null) return found[1];
  throw new FormatError(what, { expected: 'a whole number', actual: `'${text.slice(0, 40)}'`, where });
}
