import * as source from './paper-source';

/** A file of `paper-tables/published/`: its name and its text. */
export interface PublishedFile {
  readonly name: string;
  readonly text: string;
}

const ARCHITECTURE = ['patch_size', 'block_depth', 'embedding_size'];
const TASKS = ['mi', 'sttc', 'cd', 'hyp'];
const AUROC = TASKS.map((task) => `auroc_${task}`);
const AUPRC = TASKS.map((task) => `auprc_${task}`);
const SCORES = [...AUROC, ...AUPRC, 'criteria'];
const RISKS = ['approximation', 'usability', 'probe_generalisation', 'encoder_generalisation', 'total'];
const DATASET = ['patients', 'samples', 'leads', 'mv_unit', 'duration_s', 'sampling_rate_hz'];
const LABEL = ['patients', 'case_ratio', 'samples', 'leads', 'length', 'duration_s', 'sampling_rate_hz'];
const SSL = ['Contrastive Learning', 'Generative Learning', 'Hybrid Learning'];

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Cells as printed, bold ones between stars. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * The CSV files of the paper's Tables 1-7, 10 and 11, and `bold-marks.csv`.
 *
 * Numbers keep the digits the paper prints; a cell that ran out of memory stays `OOM`. Tables 6 and 7 are turned (a row
 * a dataset, a row a label) and Tables 10 and 11 have a row a model, so that every table reads like Table 1.
 *
 * @throws Error when a typed line has another number of cells than its table has columns
 */
export function publishedFiles(): PublishedFile[] {
  const tables = [
    table('table-1', ['model', ...ARCHITECTURE, ...SCORES], source.TABLE_1),
    table('table-2', ['model', 'task', ...RISKS], source.TABLE_2.replaceAll('AVR.', 'average')),
    table('table-3', ['model', ...ARCHITECTURE, ...SCORES], source.TABLE_3),
    table('table-4', ['model', 'case_ratio_percent', ...SCORES], source.TABLE_4),
    table('table-5', ['model', 'data_usage_percent', ...SCORES], source.TABLE_5),
    table('table-6', ['dataset', 'country', ...DATASET], source.TABLE_6.replaceAll(',', '')),
    table('table-7', ['label', ...LABEL], source.TABLE_7.replaceAll(',', '')),
    gridTable('table-10', AUROC, source.TABLE_10),
    gridTable('table-11', AUPRC, source.TABLE_11),
  ];
  const marks = tables.flatMap(({ name, columns, rows }) =>
    rows.flatMap((row, r) =>
      row.flatMap((cell, c) => (cell.startsWith('*') ? [[name, String(r + 1), columns[c]]] : [])),
    ),
  );
  return [...tables, { name: 'bold-marks', columns: ['table', 'row', 'column'], rows: marks }].map(csvFile);
}

/** Splits typed lines: a part between bars is a name or numbers between blanks; a lone - is an empty cell. */
function table(name: string, columns: readonly string[], text: string): Table {
  const rows = lines(text).map((line) => {
    const cells = line
      .split(' | ')
      .flatMap((part) => (/[a-z]{2}/i.test(part) && !part.includes('OOM') ? [part] : part.split(' ')));
    return cells.map((cell) => (cell === '-' ? '' : cell));
  });
  return checked({ name, columns, rows });
}

/** Tables 10 and 11: a line a case with three models side by side becomes three rows. */
function gridTable(name: string, scores: readonly string[], text: string): Table {
  const rows = lines(text).flatMap((line) => {
    const [key, ...groups] = line.split(' | ').map((part) => part.split(' '));
    return SSL.map((model, m) => [key[0], model, ...key.slice(1), ...groups.map((group) => group[m])]);
  });
  return checked({ name, columns: ['case', 'model', ...ARCHITECTURE, ...scores, 'criteria'], rows });
}

function lines(text: string): string[] {
  return text.trim().split('\n');
}

function checked(table: Table): Table {
  for (const row of table.rows) {
    if (row.length !== table.columns.length || row.some((cell) => /[",]/.test(cell))) {
      throw new Error(`${table.name}: expected ${table.columns.length} plain cells, got ${row.join(' | ')}`);
    }
  }
  return table;
}

function csvFile({ name, columns, rows }: Table): PublishedFile {
  const text = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('*', '')).join(',')).join('\n');
  return { name: `${name}.csv`, text: `${text}\n` };
}
