import { ArgumentError, FormatError, MissingFileError, type Where } from '../errors';
import { readIdentity } from '../identity';
import { readCsv } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import { openFileTreeSync } from '../io/open-file-tree';
import type { Dataset, DatasetFormat, DatasetOptions, DatasetRow } from './dataset';
import { parseScpCodes } from './scp-codes';
import { readScpStatements, superclassesOf } from './scp-statements';
import { readWfdbEcg } from './wfdb-ecg';

/** PTB-XL: 21,799 ECGs of 18,869 patients, 12 leads, 10 s, at 100 and 500 Hz (Wagner et al., 2020). */
export const ptbXl: DatasetFormat = {
  name: 'ptb-xl',
  title: 'PTB-XL 1.0.3: 21,799 labelled ECGs of 18,869 patients, Germany',
  options: ['rate', 'placeholderChecksums'],
  open: (folder, options) => openPtbXl(folder, options),
};

const TABLE = 'ptbxl_database.csv';
const COLUMNS = ['ecg_id', 'patient_id', 'scp_codes', 'strat_fold'] as const;
const RATES = {
  100: { column: 'filename_lr', folder: 'records100' },
  500: { column: 'filename_hr', folder: 'records500' },
} as const;
type Rate = keyof typeof RATES;

/**
 * Opens PTB-XL in its publisher's layout, a folder or a zip archive: `ptbxl_database.csv`, `scp_statements.csv`, `records100/` or `records500/`.
 *
 * An ECG has a superclass when `scp_codes` holds, with a likelihood > 0, a statement of that `diagnostic_class` whose
 * `diagnostic` is 1; `superclassesOf` says why and who does otherwise.
 *
 * @param path the dataset's folder, a zip archive of it, or the opened tree of either
 * @param options.rate 100 or 500 Hz; default 500 where `records500/` exists, else 100
 * @param options.placeholderChecksums `accept` reads records whose headers have 0 for every checksum; default `refuse`
 * @param options.name name that records and stores carry; default `ptb-xl`
 * @throws MissingFileError when a CSV or the folder of records is missing
 * @throws FormatError when a column is missing, an id or fold is no number, an id is missing, or a statement is unknown
 */
export function openPtbXl(path: string | FileTree, options: DatasetOptions & { readonly name?: string } = {}): Dataset {
  const { name = ptbXl.name, rate, placeholderChecksums } = options;
  const files = openFileTreeSync(path, TABLE);
  try {
    const tables = readTables(files, rate);
    return {
      name,
      folder: files.path,
      choices: { ...tables.choices, ...(placeholderChecksums && { placeholderChecksums }) },
      rows: tables.rows,
      read: (row) => readWfdbEcg(row, { dataset: name, files, placeholderChecksums }),
      close: () => files.close(),
    };
  } catch (fault) {
    files.close();
    throw fault;
  }
}

function readTables(files: FileTree, asked: number | undefined) {
  const file = files.show(TABLE);
  const rate = chooseRate(files, asked);
  const path = RATES[rate].column;
  const table = readCsv(TABLE, { columns: [...COLUMNS, path], files });
  const statements = readScpStatements('scp_statements.csv', { files });
  const rows = table.map((fields, i): DatasetRow => {
    const where = { file, row: i + 1, record: fields.ecg_id };
    const fold = Number(fields.strat_fold);
    if (!(Number.isInteger(fold) && fold >= 1 && fold <= 10)) {
      throw new FormatError('strat_fold', { expected: '1 to 10', actual: `'${fields.strat_fold}'`, where });
    }
    return {
      recordId: numberOf('ecg_id', fields.ecg_id, where),
      patientId: numberOf('patient_id', fields.patient_id, where),
      stratFold: fold,
      file: fields[path],
      superclasses: superclassesOf(parseScpCodes(fields.scp_codes, where), statements, where),
    };
  });
  requireUniqueIds(rows, file);
  return { choices: { rate }, rows };
}

/** The publisher's ids are whole numbers; pandas wrote the patients' as floats. */
function numberOf(what: 'ecg_id' | 'patient_id', text: string, where: Where): string {
  const id = readIdentity(what, text, where);
  if (/^\d+$/.test(id)) return id;
  const expected = what === 'ecg_id' ? 'a whole number' : 'such as 15709.0';
  throw new FormatError(what, { expected, actual: `'${text.slice(0, 40)}'`, where });
}

function chooseRate(files: FileTree, asked: number | undefined): Rate {
  const present = ([500, 100] as const).filter((rate) => files.has(RATES[rate].folder));
  if (asked !== undefined && asked !== 100 && asked !== 500) {
    throw new ArgumentError('rate', { expected: '100 or 500 Hz', actual: String(asked) });
  }
  const rate = asked ?? present[0];
  if (rate === undefined || !present.includes(rate)) {
    throw new MissingFileError('records', {
      expected: rate === undefined ? 'records500/ or records100/' : `${RATES[rate].folder}/`,
      actual: present.length === 0 ? 'neither' : `only ${present.map((r) => `${RATES[r].folder}/`).join(', ')}`,
      where: { file: files.path },
    });
  }
  return rate;
}

function requireUniqueIds(rows: readonly DatasetRow[], file: string): void {
  const seen = new Set<string>();
  for (const { recordId } of rows) {
    if (seen.has(recordId)) {
      throw new FormatError('ecg_id', { expected: 'each once', actual: 'twice', where: { file, record: recordId } });
    }
    seen.add(recordId);
  }
}
