import { ArgumentError, FormatError } from '../errors';
import { isMissing, readIdentity } from '../identity';
import { forEachCsvRow } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import type { Hdf5File, Hdf5Values } from '../io/hdf5';
import type { Dataset, DatasetFormat, DatasetOptions } from './dataset';
import { type ExamPart, ExamRow } from './exam-row';
import { faultOf } from './fault-of';
import { type Hdf5Parts, requireShape } from './hdf5-parts';
import {
  chooseLeadOrder,
  chooseScale,
  IKEM_FS_HZ,
  IKEM_LEAD_ORDERS,
  IKEM_LEADS,
  type IkemLeadOrder,
  ikemEvidence,
} from './ikem-checks';
import { openHdf5Dataset } from './open-hdf5-dataset';

/** IKEM: 98,130 ECGs of 30,290 patients, 8 leads and 4 derived from them, 8.192 s at 500 Hz (Seják et al., 2023). */
export const ikem: DatasetFormat = {
  name: 'ikem',
  title: 'IKEM 1.0.0: 98,130 ECGs of 30,290 patients, Czech Republic',
  options: ['rate', 'microvoltsPerCount', 'leadOrder'],
  open: (folder, options) => openIkem(folder, options),
};

/** Options of `openIkem`: sources contradict each other on both. */
export interface IkemOptions extends DatasetOptions {
  /** uV that a count stands for, > 0; default what the data support of 1, 4 (the paper) and 4.88 (the release). */
  readonly microvoltsPerCount?: number;
  /** The order of the leads in the files; default what the data support. */
  readonly leadOrder?: IkemLeadOrder;
}

const TABLE = 'exams.csv';
const DERIVED = ['III', 'aVR', 'aVL', 'aVF'] as const;
/** Records of a part that are looked at to choose scale and order. */
const SAMPLED = 128;

/**
 * Opens IKEM in its publisher's layout: `exams.csv`, and HDF5 files of any names, each with `exam_id`, `real_lengths` and
 * `tracings` [exam, sample = 4096, lead = 8] in counts.
 *
 * Rows come file by file, in the order of the file; exams are joined by `exam_id`. A patient of -1 is missing, as is one
 * that `isMissing` names (a copy by pandas has NaN): each such ECG counts as of a patient of its own, `exam-<id>`. An exam has as many samples as `real_lengths` says, at most those
 * of the file. The limb leads that are not there follow from I and II (Einthoven, Goldberger):
 * III = II - I, aVR = -(I + II)/2, aVL = I - II/2, aVF = II - I/2.
 *
 * `choices` says which scale and which order of leads were taken, and whether the data support them: 128 records of each
 * file are looked at (see `ikemEvidence`).
 *
 * Exams of the table that no file holds come last and are unreadable when they are read.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param options.rate 500 Hz, the only one
 * @throws MissingFileError when there is no `exams.csv`
 * @throws FormatError when a column is missing, an id is missing or was changed by a spreadsheet, an exam comes
 *   twice, or no HDF5 file can be read
 */
export async function openIkem(path: string | FileTree, options: IkemOptions = {}): Promise<Dataset> {
  const { rate, microvoltsPerCount } = options;
  const leadOrder = orderSpelled(options.leadOrder);
  if (rate !== undefined && rate !== IKEM_FS_HZ) {
    throw new ArgumentError('rate', { expected: `${IKEM_FS_HZ} Hz`, actual: String(rate) });
  }
  if (microvoltsPerCount !== undefined && !(microvoltsPerCount > 0 && Number.isFinite(microvoltsPerCount))) {
    throw new ArgumentError('microvoltsPerCount', { expected: 'a number > 0', actual: String(microvoltsPerCount) });
  }
  if (leadOrder !== undefined && !IKEM_LEAD_ORDERS.includes(leadOrder)) {
    throw new ArgumentError('leadOrder', { expected: IKEM_LEAD_ORDERS.join(' or '), actual: `'${leadOrder}'` });
  }
  return openHdf5Dataset(path, (files, parts) => {
    const { rows, sample, readable } = rowsOf(readTable(files), { files, parts });
    const evidence = ikemEvidence(sample);
    const scale = chooseScale(evidence, microvoltsPerCount);
    const order = chooseLeadOrder(evidence, leadOrder);
    const leads = [...order.value.split(' '), ...DERIVED];
    return {
      name: ikem.name,
      choices: {
        parts: readable,
        microvoltsPerCount: scale.value,
        scaleCheck: scale.evidence,
        leadOrder: order.value,
        leadCheck: order.evidence,
      },
      rows,
      read(row) {
        if (!(row instanceof IkemRow)) {
          throw new ArgumentError('row', { expected: 'one of the dataset’s', actual: `another, ${row.recordId}` });
        }
        const { recordId, patientId, part, fault, file } = row;
        const found = fault ?? part.fault;
        if (found !== undefined) throw found;
        const counts = realSamples(parts.open(part.place!).tracings.read(row.position), row);
        const signal = twelveLeads(counts, { leads, mvPerCount: scale.value / 1000 });
        const samples = counts.length / IKEM_LEADS;
        return { dataset: ikem.name, recordId, patientId, fsHz: IKEM_FS_HZ, leads, signal, samples, file };
      },
    };
  });
}

/** Reads a lead order: names in any case, separated by blanks or commas. A name that is not a lead stays as written. */
function orderSpelled(words: IkemLeadOrder | undefined): IkemLeadOrder | undefined {
  const plain = words
    ?.trim()
    .toUpperCase()
    .split(/[\s,]+/)
    .join(' ');
  return IKEM_LEAD_ORDERS.find((order) => order === plain) ?? words;
}

class IkemRow extends ExamRow {
  /** What `real_lengths` says. */
  length = 0;
}

/** Patients by exam. */
function readTable(files: FileTree): Map<string, string> {
  const file = files.show(TABLE);
  const exams = new Map<string, string>();
  const add = ([examText, patientText]: readonly string[], row: number) => {
    const where = { file, row, record: examText };
    const exam = readIdentity('exam_id', examText, where);
    if (exam.length > 64) {
      throw new FormatError('exam_id', { expected: 'at most 64 letters', actual: `'${exam}'`, where });
    }
    if (exams.has(exam)) throw new FormatError('exam_id', { expected: 'each once', actual: 'twice', where });
    exams.set(exam, isMissing(patientText) ? `exam-${exam}` : readIdentity('patient_id', patientText, where));
  };
  forEachCsvRow(TABLE, add, { columns: ['exam_id', 'patient_id'], files });
  return exams;
}

function rowsOf(
  exams: ReadonlyMap<string, string>,
  { files, parts }: { readonly files: FileTree; readonly parts: Hdf5Parts },
): { rows: IkemRow[]; sample: Hdf5Values[]; readable: number } {
  const rows: IkemRow[] = [];
  const sample: Hdf5Values[] = [];
  const left = new Map(exams);
  const faults: string[] = [];
  let readable = 0;
  for (const place of parts.list()) {
    const found = faultOf(() => {
      const part: ExamPart = { file: place.file, place, fault: undefined };
      const { file } = parts.open(place);
      const here = rowsInFileOrder(file, { exams, left, part, table: files.show(TABLE) });
      const whole = here.filter((row) => row.fault === undefined);
      const step = Math.max(1, whole.length / SAMPLED);
      for (let i = 0; i < whole.length; i += step) {
        const row = whole[Math.floor(i)];
        const read = faultOf(() =>
          realSamples(file.read('tracings', { from: row.position, to: row.position + 1 }), row),
        );
        if (read.value !== undefined) sample.push(read.value);
      }
      return here;
    });
    if (found.fault === undefined) {
      readable++;
      for (const row of found.value) rows.push(row);
    } else faults.push(found.fault.message);
  }
  const seen = faults.length === 0 ? `${readable} HDF5 files` : faults.join('; ');
  if (readable === 0) {
    const expected = 'HDF5 files that can be read';
    throw new FormatError('dataset', { expected, actual: seen, where: { file: files.path } });
  }
  for (const [exam, patient] of left) {
    const where = { file: files.path, record: exam };
    const fault = new FormatError('exam_id', {
      expected: 'the exam in an HDF5 file',
      actual: `none in ${seen}`,
      where,
    });
    rows.push(new IkemRow(exam, patient, { file: TABLE, place: undefined, fault }, -1));
  }
  return { rows, sample, readable };
}

/** @throws FormatError when shapes or types differ from the publisher's */
function rowsInFileOrder(
  file: Hdf5File,
  source: {
    readonly exams: ReadonlyMap<string, string>;
    /** Exams that no file had yet; what is found is taken out. */
    readonly left: Map<string, string>;
    readonly part: ExamPart;
    readonly table: string;
  },
): IkemRow[] {
  const { exams, left, part, table } = source;
  requireShape(file, 'tracings', [undefined, undefined, IKEM_LEADS]);
  const [count] = file.dataset('tracings').shape;
  requireShape(file, 'exam_id', [count]);
  requireShape(file, 'real_lengths', [count]);
  const lengths = file.read('real_lengths');
  return file.readTexts('exam_id').map((exam, position) => {
    const patient = left.get(exam);
    if (left.delete(exam)) {
      const row = new IkemRow(exam, patient!, part, position);
      row.length = lengths[position];
      return row;
    }
    const again = exams.has(exam);
    const where = { file: again ? file.shown : table, record: exam, row: again ? position : undefined };
    const expected = again ? 'each once' : `a row for an exam of ${part.file}`;
    const fault = new FormatError('exam_id', { expected, actual: again ? 'twice' : 'none', where });
    return new IkemRow(`${exam} (row ${position} of ${part.file})`, '', part, position, fault);
  });
}

/**
 * The samples that an exam has of its own, [sample, lead = 8]; the rest of its row is padding.
 *
 * @throws FormatError when the length is no number of samples, or the signal is longer
 */
function realSamples(values: Hdf5Values, { length, part, recordId }: IkemRow): Hdf5Values {
  const where = { file: part.file, record: recordId, key: 'real_lengths' };
  if (!(Number.isInteger(length) && length > 0)) {
    throw new FormatError('length', { expected: 'a number of samples', actual: String(length), where });
  }
  const own = length * IKEM_LEADS;
  const padding = values.length - own;
  if (padding <= 0) return values; // the row holds the first samples of a longer ECG, or just its own
  const first = values.findIndex((value) => value !== 0);
  const last = values.findLastIndex((value) => value !== 0);
  // behind the signal; the release does not say so, and others pad on both ends or before
  const middle = Math.floor(padding / IKEM_LEADS / 2) * IKEM_LEADS;
  const start = [0, middle, padding].find((at) => first === -1 || (first >= at && last < at + own));
  if (start !== undefined) return values.subarray(start, start + own);
  const actual = `${Math.floor(last / IKEM_LEADS) - Math.floor(first / IKEM_LEADS) + 1} with a signal`;
  throw new FormatError('samples', { expected: `${length}, and zeros`, actual, where });
}

function twelveLeads(
  counts: Hdf5Values,
  { leads, mvPerCount }: { readonly leads: readonly string[]; readonly mvPerCount: number },
): Float32Array {
  const samples = counts.length / IKEM_LEADS;
  const signal = new Float32Array(samples * leads.length);
  const first = leads.indexOf('I');
  const second = leads.indexOf('II');
  for (let i = 0, at = 0; i < samples; i++, at += IKEM_LEADS) {
    for (let lead = 0; lead < IKEM_LEADS; lead++) signal[lead * samples + i] = counts[at + lead] * mvPerCount;
    const one = counts[at + first] * mvPerCount;
    const two = counts[at + second] * mvPerCount;
    const derived = IKEM_LEADS * samples + i; // in the order of DERIVED
    signal[derived] = two - one;
    signal[derived + samples] = -(one + two) / 2;
    signal[derived + 2 * samples] = one - two / 2;
    signal[derived + 3 * samples] = two - one / 2;
  }
  return signal;
}
