import { ArgumentError, FormatError, type KitError } from '../errors';
import { wholeId } from '../identity';
import { forEachCsvRow } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import type { Hdf5File } from '../io/hdf5';
import type { Dataset, DatasetFormat, DatasetOptions, DatasetRow } from './dataset';
import type { EcgRecord } from './ecg-record';
import { type ExamPart, ExamRow } from './exam-row';
import { faultOf } from './fault-of';
import { type Hdf5Parts, requireShape } from './hdf5-parts';
import { LEADS } from './lead-names';
import { openHdf5Dataset } from './open-hdf5-dataset';
import { withoutZeroPadding } from './zero-padding';

/** CODE-15 %: 345,779 ECGs of 233,770 patients, 12 leads, about 7 or 10 s at 400 Hz (Ribeiro et al., 2021). */
export const code15: DatasetFormat = {
  name: 'code-15',
  title: 'CODE-15 %: 345,779 ECGs of 233,770 patients, Brazil',
  options: ['rate'],
  open: (folder, options) => openCode15(folder, options),
};

/** Sampling rate of CODE-15 and of SaMi-Trop, Hz. */
export const CODE_FS_HZ = 400;

const TABLE = 'exams.csv';
const COLUMNS = ['exam_id', 'patient_id', 'trace_file'] as const;
const NO_EXAM = '0';

/**
 * Opens CODE-15 % in its publisher's layout: `exams.csv`, and its parts `exams_part0.hdf5` to `exams_part17.hdf5`, each
 * with `tracings` [exam, sample = 4096, lead = 12] in mV and `exam_id`.
 *
 * Parts may also lie as the publisher's `exams_part0.zip`: one at a time is then unpacked to a temporary file. Rows come
 * part by part, in the order of the file, so that reading goes through it once; of a zipped part in the order of the
 * table, since its own is not known before it is unpacked. Exams are joined by `exam_id`. The last row of a part, exam 0
 * without a signal, is none. Zeros that pad an exam on both ends are taken off.
 *
 * What a part holds beyond the table (an exam that it lacks, one twice, a signal of exam 0) has a row too, which is
 * unreadable and says why, but not where the part is zipped: its exams would have to be known before it is unpacked.
 *
 * Exams of parts that are not there, or damaged, come last and are unreadable when they are read, so that a part of the
 * download can be used: `choices.parts` says how many parts there are.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param options.rate 400 Hz, the only one
 * @throws MissingFileError when there is no `exams.csv`, or none of its parts
 * @throws FormatError when a column is missing, an id is no number, an exam comes twice, or no part can be read
 * @throws StorageError when there is no room to unpack a zipped part
 */
export async function openCode15(path: string | FileTree, options: DatasetOptions = {}): Promise<Dataset> {
  requireRate(options.rate);
  return openHdf5Dataset(path, (files, parts) => {
    const exams = readTable(files);
    const { rows, readable } = rowsOf(exams, { files, parts });
    const read = examReader(code15.name, parts);
    return {
      name: code15.name,
      choices: { parts: `${readable} of ${exams.size}` },
      rows,
      read: (row) => read(row, positionsOf),
    };
  });
}

/** @throws ArgumentError when another rate than 400 Hz is asked for */
export function requireRate(rate: number | undefined): void {
  if (rate === undefined || rate === CODE_FS_HZ) return;
  throw new ArgumentError('rate', { expected: `${CODE_FS_HZ} Hz`, actual: String(rate) });
}

/** Patients by exam of a part. */
type Exams = Map<string, string>;

/** The table, part by part in the order of their numbers. */
function readTable(files: FileTree): Map<string, Exams> {
  const file = files.show(TABLE);
  const parts = new Map<string, Exams>();
  const seen = new Set<string>();
  const add = ([examText, patientText, part]: readonly string[], row: number) => {
    const where = { file, row, record: examText };
    const exam = wholeId('exam_id', examText, where);
    const patient = wholeId('patient_id', patientText, where);
    if (!/^[\w-]+\.(hdf5|h5)$/i.test(part)) {
      const expected = 'a file name such as exams_part0.hdf5';
      throw new FormatError('trace_file', { expected, actual: `'${part.slice(0, 60)}'`, where });
    }
    if (seen.has(exam)) throw new FormatError('exam_id', { expected: 'each once', actual: 'twice', where });
    seen.add(exam);
    const exams = parts.get(part);
    if (exams === undefined) parts.set(part, new Map([[exam, patient]]));
    else exams.set(exam, patient);
  };
  forEachCsvRow(TABLE, add, { columns: COLUMNS, files });
  const order = new Intl.Collator('en', { numeric: true });
  return new Map([...parts].sort(([a], [b]) => order.compare(a, b)));
}

function rowsOf(
  table: ReadonlyMap<string, Exams>,
  { files, parts }: { readonly files: FileTree; readonly parts: Hdf5Parts },
): { rows: ExamRow[]; readable: number } {
  const rows: ExamRow[] = [];
  const last: ExamRow[] = [];
  let readable = 0;
  let firstFault: KitError | undefined;
  for (const [name, exams] of table) {
    const found = faultOf(() => {
      const place = parts.find(name);
      const part: ExamPart = { file: place.file, place, fault: undefined };
      // the order in a zipped part is not known before it is unpacked
      if (place.zipped) return Array.from(exams, ([exam, patient]) => new ExamRow(exam, patient, part, -1));
      return rowsInFileOrder(parts.open(place).file, { exams, part, table: files.show(TABLE) });
    });
    if (found.fault === undefined) {
      readable++;
      for (const row of found.value) rows.push(row);
      continue;
    }
    firstFault ??= found.fault;
    const part: ExamPart = { file: name, place: undefined, fault: found.fault };
    for (const [exam, patient] of exams) last.push(new ExamRow(exam, patient, part, -1));
  }
  parts.requireRoom(); // said now, rather than when a part's turn comes
  if (firstFault !== undefined && readable === 0) throw firstFault;
  for (const row of last) rows.push(row);
  return { rows, readable };
}

/**
 * Rows of a part as they lie in it. What does not fit with the table gets a row too, which is unreadable and says why:
 * an exam that the table lacks, one that comes again, a signal of exam 0, an exam that is not in the part.
 */
function rowsInFileOrder(
  file: Hdf5File,
  { exams, part, table }: { readonly exams: Exams; readonly part: ExamPart; readonly table: string },
): ExamRow[] {
  const left = new Map(exams);
  const rows: ExamRow[] = [];
  for (const [position, exam] of examIds(file).entries()) {
    const patient = left.get(exam);
    if (left.delete(exam)) rows.push(new ExamRow(exam, patient!, part, position));
    else if (exam !== NO_EXAM || hasSignal(file, position)) {
      const again = exams.has(exam);
      const where = { file: again ? file.shown : table, record: exam, row: again ? position : undefined };
      const expected = again ? 'each once' : `a row for an exam of ${part.file}`;
      const fault = new FormatError('exam_id', { expected, actual: again ? 'twice' : 'none', where });
      rows.push(new ExamRow(`${exam} (row ${position} of ${part.file})`, '', part, position, fault));
    }
  }
  for (const [exam, patient] of left) rows.push(new ExamRow(exam, patient, part, -1, notThere(exam, file.shown)));
  return rows;
}

function hasSignal(file: Hdf5File, row: number): boolean {
  return file.read('tracings', { from: row, to: row + 1 }).some((value) => value !== 0);
}

function notThere(exam: string, file: string): FormatError {
  const expected = `the exam, which ${TABLE} says is here`;
  return new FormatError('exam_id', { expected, actual: 'none', where: { file, record: exam } });
}

/**
 * Ids of the exams of a part, in the order of its rows.
 *
 * @throws FormatError when shapes differ from the publisher's
 */
function examIds(file: Hdf5File): string[] {
  requireShape(file, 'tracings', [undefined, undefined, LEADS.length]);
  requireShape(file, 'exam_id', [file.dataset('tracings').shape[0]]);
  return file.readTexts('exam_id');
}

function positionsOf(file: Hdf5File): Map<string, number> {
  const positions = new Map<string, number>();
  for (const [position, exam] of examIds(file).entries()) if (!positions.has(exam)) positions.set(exam, position);
  return positions;
}

/**
 * Reads exams of CODE-15 and of SaMi-Trop, which share leads, rate, unit and padding.
 *
 * @param dataset name that the records carry
 * @param parts its files
 * @returns reads a row; `positions` gives the rows of exams in a part that has just been unpacked
 */
export function examReader(
  dataset: string,
  parts: Hdf5Parts,
): (row: DatasetRow, positions?: (file: Hdf5File) => ReadonlyMap<string, number>) => EcgRecord {
  let unpacked: { readonly file: Hdf5File; readonly positions: ReadonlyMap<string, number> } | undefined;
  return (row, positions) => {
    if (!(row instanceof ExamRow)) {
      throw new ArgumentError('row', { expected: 'one of the dataset’s', actual: `another, ${row.recordId}` });
    }
    const { recordId, patientId, part, fault } = row;
    const found = fault ?? part.fault;
    if (found !== undefined) throw found;
    const { file, tracings } = parts.open(part.place!);
    let { position } = row;
    if (position === -1 && positions !== undefined) {
      if (unpacked?.file !== file) unpacked = { file, positions: positions(file) };
      position = unpacked.positions.get(recordId) ?? -1;
      if (position === -1) throw notThere(recordId, file.shown);
    }
    const { signal, samples } = withoutZeroPadding(tracings.read(position), { leads: LEADS.length });
    return { dataset, recordId, patientId, fsHz: CODE_FS_HZ, leads: LEADS, signal, samples, file: row.file };
  };
}
