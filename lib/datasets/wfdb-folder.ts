import { dirname, resolve } from 'node:path';
import { ArgumentError, FormatError, type Where } from '../errors';
import { isMissing, readIdentity } from '../identity';
import { readCsv } from '../io/csv';
import { type FileTree, folderTree } from '../io/file-tree';
import { openFileTreeSync } from '../io/open-file-tree';
import type { Dataset, DatasetFormat, DatasetOptions, DatasetRow } from './dataset';
import { SUPERCLASSES } from './superclass';
import { readWfdbEcg } from './wfdb-ecg';

/** A dataset of one's own: WFDB records and a table of them; `lib/datasets/README.md` describes it. */
export const wfdbFolder: DatasetFormat = {
  name: 'wfdb-folder',
  title: 'a dataset of your own: WFDB records and a CSV that lists them',
  options: ['csv', 'columns', 'encoding', 'placeholderChecksums'],
  open: (folder, options) => openWfdbFolder(folder, options),
};

/** What a column of the table holds; the first two must be there. */
const COLUMNS = ['record', 'patient_id', 'record_id', 'strat_fold', ...SUPERCLASSES] as const;
type Column = (typeof COLUMNS)[number];

/**
 * Opens a folder of WFDB records with a CSV that has a row for each.
 *
 * Columns: `record`, the path of the header with or without `.hea`; `patient_id`, equal for all ECGs of one person.
 * If they are there: `record_id` (default the path), `strat_fold` (1 to 10, 0 or empty for none) and the superclasses
 * NORM, MI, STTC, CD, HYP (1 or 0, true or false; all five or none). Leads are taken by name, any unit of voltage becomes
 * mV, any rate and length is read.
 *
 * @param path the folder, a zip archive of it, or the opened tree of either
 * @param options.csv the table, inside the folder, or else a path on disk; default `records.csv`
 * @param options.columns what the columns are called where they have other names, such as `{ record: 'filename_hr' }`
 * @param options.encoding of the table, such as `windows-1252`; default UTF-8, or what a byte order mark says
 * @param options.placeholderChecksums `accept` reads records whose headers have 0 for every checksum; default `refuse`
 * @param options.name name that records and stores carry; default `wfdb-folder`
 * @throws MissingFileError when the table is missing; ArgumentError when `columns` names one that is not known
 * @throws FormatError when the table is not of its encoding, a column is missing, an id is missing, was changed by a
 *   spreadsheet or comes twice, a fold or a label is out of range
 */
export function openWfdbFolder(
  path: string | FileTree,
  options: DatasetOptions & { readonly name?: string } = {},
): Dataset {
  const { name = wfdbFolder.name, csv = 'records.csv', columns = {}, encoding, placeholderChecksums } = options;
  requireKnown(columns);
  let files = openFileTreeSync(path, csv);
  try {
    const rows = readRows(files, { csv, columns, encoding });
    const header = `${rows[0].file}.hea`;
    if (typeof path === 'string' && !files.has(header)) {
      files.close();
      files = openFileTreeSync(path, header); // its table lies elsewhere, and did not tell the folder
    }
    return {
      name,
      folder: files.path,
      choices: { ...(placeholderChecksums && { placeholderChecksums }) },
      rows,
      read: (row) => readWfdbEcg(row, { dataset: name, files, placeholderChecksums }),
      close: () => files.close(),
    };
  } catch (fault) {
    files.close();
    throw fault;
  }
}

function requireKnown(columns: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(columns).find((key) => !COLUMNS.some((column) => column === key));
  if (unknown === undefined) return;
  throw new ArgumentError('columns', { expected: COLUMNS.join(', '), actual: `'${unknown}'` });
}

type TableOptions = Required<Pick<DatasetOptions, 'csv' | 'columns'>> & Pick<DatasetOptions, 'encoding'>;

function readRows(files: FileTree, { csv, columns, encoding }: TableOptions): DatasetRow[] {
  const { tree, file } = tableOf(files, csv);
  const nameOf = (column: Column) => columns[column] ?? column;
  // a column that was named must be there
  const needed = COLUMNS.filter((column, i) => i < 2 || columns[column] !== undefined);
  const table = readCsv(file, {
    ...{ files: tree, encoding },
    columns: [...new Set(needed.map(nameOf))],
    optional: COLUMNS.map(nameOf),
  });
  const present = new Set(Object.keys(table[0] ?? {}));
  const where = { file: tree.show(file) };
  if (table.length === 0) throw new FormatError('table', { expected: 'a row a record', actual: 'none', where });
  // labels are complete: a class without a column is not "absent in all"
  const labelled = SUPERCLASSES.some((superclass) => present.has(nameOf(superclass)));
  const lacking = labelled ? SUPERCLASSES.filter((superclass) => !present.has(nameOf(superclass))) : [];
  if (lacking.length > 0) {
    const expected = `'${lacking.map(nameOf).join("', '")}', as other superclasses are there`;
    throw new FormatError('CSV columns', { expected, actual: 'none', where });
  }

  const seen = new Set<string>();
  return table.map((fields, i): DatasetRow => {
    const field = (column: Column) => fields[nameOf(column)]?.trim() ?? '';
    const path = field('record')
      .replaceAll('\\', '/')
      .replace(/\.(hea|dat|mat)$/i, '');
    const named = present.has(nameOf('record_id')) ? field('record_id') : path;
    const at = { ...where, row: i + 1, record: named || undefined };
    requireText('record', path, at);
    requireText(nameOf('record_id'), named, at);
    requireText(nameOf('patient_id'), field('patient_id'), at);
    const recordId = named === path ? path : readIdentity(nameOf('record_id'), named, at);
    if (seen.has(recordId)) throw new FormatError('record', { expected: 'each once', actual: 'twice', where: at });
    seen.add(recordId);
    return {
      recordId,
      patientId: readIdentity(nameOf('patient_id'), field('patient_id'), at),
      stratFold: foldOf(field('strat_fold'), nameOf('strat_fold'), at),
      file: path,
      superclasses: labelled
        ? SUPERCLASSES.filter((superclass) => hasLabel(field(superclass), nameOf(superclass), at))
        : undefined,
    };
  });
}

/** The table, in the tree or else on disk. */
function tableOf(files: FileTree, csv: string): { tree: FileTree; file: string } {
  try {
    if (files.has(csv)) return { tree: files, file: csv };
  } catch (fault) {
    if (!(fault instanceof FormatError)) throw fault; // a path that leads out of the folder is one on disk
  }
  const path = resolve(csv);
  const tree = folderTree(dirname(path));
  const file = path.slice(dirname(path).length).replace(/^[/\\]/, '');
  return tree.has(file) ? { tree, file } : { tree: files, file: csv };
}

function requireText(what: string, text: string, where: Where): void {
  if (text === '') throw new FormatError(what, { expected: 'some text', actual: 'nothing', where });
  if (isMissing(text)) readIdentity(what, text, where); // says so
}

function foldOf(text: string, what: string, where: Where): number {
  if (text === '') return 0;
  if (/^\d{1,2}(\.0*)?$/.test(text) && Number(text) <= 10) return Number(text);
  throw new FormatError(what, { expected: '1 to 10, 0 or empty', actual: `'${text}'`, where });
}

function hasLabel(text: string, what: string, where: Where): boolean {
  if (/^(1(\.0*)?|true|yes)$/i.test(text)) return true;
  if (/^(0(\.0*)?|false|no)$/i.test(text)) return false;
  throw new FormatError(what, { expected: '1 or 0', actual: `'${text}'`, where });
}
