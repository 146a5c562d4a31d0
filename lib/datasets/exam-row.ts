import type { KitError } from '../errors';
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
