import { FormatError } from '../errors';
import { wholeId } from '../identity';
import { forEachCsvRow } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import { openFileTreeSync } from '../io/open-file-tree';
import type { Dataset, DatasetFormat, DatasetOptions, DatasetRow } from './dataset';
import { readWfdbEcg } from './wfdb-ecg';

/** MIMIC-IV-ECG: 800,035 ECGs of 161,352 patients, 12 leads, 10 s at 500 Hz (Gow et al., 2023). */
export const mimicIvEcg: DatasetFormat = {
  name: 'mimic-iv-ecg',
  title: 'MIMIC-IV-ECG 1.0: 800,035 ECGs of 161,352 patients, United States',
  options: ['placeholderChecksums'],
  open: (folder, options) => openMimicIvEcg(folder, options),
};

const COLUMNS = ['subject_id', 'study_id', 'path'] as const;
const TABLE = 'record_list.csv';

/**
 * Opens MIMIC-IV-ECG in its publisher's layout: `record_list.csv` and the WFDB records under `files/`.
 *
 * The leads come in the publisher's order, I II III aVR aVF aVL V1-V6: take them by name. Some records hold invalid
 * samples (10,554 of them) or a flat lead (1,950); they are read as they are, for the quality checks to name. A record
 * that is listed and not there is unreadable when it is read, so that a part of the download can be used.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param options.placeholderChecksums `accept` reads records whose headers have 0 for every checksum; default `refuse`
 * @throws MissingFileError when there is no `record_list.csv`
 * @throws FormatError when a column is missing, an id is no number, or a study comes twice
 */
export function openMimicIvEcg(path: string | FileTree, options: DatasetOptions = {}): Dataset {
  const { placeholderChecksums } = options;
  const files = openFileTreeSync(path, TABLE);
  try {
    const rows = readRows(files);
    return {
      name: mimicIvEcg.name,
      folder: files.path,
      choices: { ...(placeholderChecksums && { placeholderChecksums }) },
      rows,
      read: (row) => readWfdbEcg(row, { dataset: mimicIvEcg.name, files, placeholderChecksums }),
      close: () => files.close(),
    };
  } catch (fault) {
    files.close();
    throw fault;
  }
}

function readRows(files: FileTree): StudyRow[] {
  const file = files.show(TABLE);
  const rows: StudyRow[] = [];
  const add = ([subject, study, path]: readonly string[], row: number) => {
    const where = { file, row, record: study };
    const [patient, record] = [wholeId('subject_id', subject, where), wholeId('study_id', study, where)];
    rows.push(new StudyRow(Number(patient), Number(record), path));
  };
  forEachCsvRow(TABLE, add, { columns: COLUMNS, files });
  requireUniqueStudies(rows, file);
  return rows;
}

/** A row of 800,035: two numbers; the path follows from them, and is kept only where it does not. */
class StudyRow implements DatasetRow {
  private readonly path: string | undefined;

  constructor(
    readonly subject: number,
    readonly study: number,
    path: string,
  ) {
    this.path = path === this.usualPath() ? undefined : path;
  }

  get recordId(): string {
    return String(this.study);
  }

  get patientId(): string {
    return String(this.subject);
  }

  get stratFold(): number {
    return 0;
  }

  get superclasses(): undefined {
    return undefined;
  }

  get file(): string {
    return this.path ?? this.usualPath();
  }

  private usualPath(): string {
    const { subject, study } = this;
    return `files/p${String(subject).slice(0, 4)}/p${subject}/s${study}/${study}`;
  }
}

function requireUniqueStudies(rows: readonly StudyRow[], file: string): void {
  const studies = Float64Array.from(rows, (row) => row.study).sort();
  const twice = studies.findIndex((study, i) => i > 0 && study === studies[i - 1]);
  if (twice === -1) return;
  const where = { file, record: String(studies[twice]) };
  throw new FormatError('study_id', { expected: 'each once', actual: 'twice', where });
}
