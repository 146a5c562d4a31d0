import { FormatError } from '../errors';
import { wholeId } from '../identity';
import { forEachCsvRow } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import { examReader, requireRate } from './code-15';
import type { Dataset, DatasetFormat, DatasetOptions } from './dataset';
import { ExamRow } from './exam-row';
import { requireShape } from './hdf5-parts';
import { LEADS } from './lead-names';
import { openHdf5Dataset } from './open-hdf5-dataset';

/** SaMi-Trop: 1,631 ECGs of as many patients with Chagas disease, 12 leads at 400 Hz (Ribeiro et al., 2021). */
export const samiTrop: DatasetFormat = {
  name: 'sami-trop',
  title: 'SaMi-Trop: 1,631 ECGs of as many patients, Brazil',
  options: ['rate'],
  open: (folder, options) => openSamiTrop(folder, options),
};

const TABLE = 'exams.csv';
const PART = 'exams.hdf5';

/**
 * Opens SaMi-Trop in its publisher's layout: `exams.csv`, and `exams.hdf5` with `tracings` [exam, sample = 4096,
 * lead = 12] in mV and nothing else.
 *
 * The n-th row of the table is the n-th exam of the file; each is of another patient. The file may also lie as the
 * publisher's `exams.zip`: it is then unpacked to a temporary file. Zeros that pad an exam on both ends are taken off.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param options.rate 400 Hz, the only one
 * @throws MissingFileError when the table or the file is missing
 * @throws FormatError when they have different numbers of exams, an id is no number or comes twice, or either is damaged
 */
export async function openSamiTrop(path: string | FileTree, options: DatasetOptions = {}): Promise<Dataset> {
  requireRate(options.rate);
  return openHdf5Dataset(path, (files, parts) => {
    const exams = readTable(files);
    const place = parts.find(PART);
    const { file } = parts.open(place);
    requireShape(file, 'tracings', [undefined, undefined, LEADS.length]);
    const [count] = file.dataset('tracings').shape;
    if (count !== exams.length) {
      const expected = `${exams.length}, as ${TABLE} has, which says by its order which is which`;
      throw new FormatError('exams', { expected, actual: String(count), where: { file: file.shown } });
    }
    const part = { file: place.file, place, fault: undefined };
    const rows = exams.map((exam, position) => new ExamRow(exam, exam, part, position));
    return {
      name: samiTrop.name,
      choices: {},
      rows,
      read: examReader(samiTrop.name, parts),
    };
  });
}

function readTable(files: FileTree): string[] {
  const file = files.show(TABLE);
  const exams = new Set<string>();
  const add = ([text]: readonly string[], row: number) => {
    const where = { file, row, record: text };
    const exam = wholeId('exam_id', text, where);
    if (exams.has(exam)) throw new FormatError('exam_id', { expected: 'each once', actual: 'twice', where });
    exams.add(exam);
  };
  forEachCsvRow(TABLE, add, { columns: ['exam_id'], files });
  return [...exams];
}
