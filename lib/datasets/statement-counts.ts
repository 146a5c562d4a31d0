import { readCsv } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import { openFileTreeSync } from '../io/open-file-tree';
import { parseScpCodes } from './scp-codes';
import { readScpStatements, superclassesOf } from './scp-statements';
import { SUPERCLASSES, type Superclass } from './superclass';

const TABLE = 'ptbxl_database.csv';

/** What `scp_codes` of a dataset in PTB-XL's layout hold of a superclass. */
export interface SuperclassCounts {
  /** Diagnostic statements of the superclass in all records: a record with three of them counts thrice. */
  readonly statements: number;
  /** Records with such a statement of any likelihood, 0 (unknown) too. */
  readonly records: number;
  /** Records with such a statement of a likelihood > 0. */
  readonly likelyRecords: number;
}

/** Counts of a whole table. */
export interface StatementCounts {
  readonly superclasses: Readonly<Record<Superclass, SuperclassCounts>>;
  /**
   * Whether a diagnostic statement has a likelihood besides 0 and 100. The publisher's have (15, 35, 50, 80); codes that
   * were rebuilt from superclasses have not, and what is counted of them are no statements of a cardiologist.
   */
  readonly graded: boolean;
}

/**
 * Counts diagnostic statements by superclass in PTB-XL's layout: `ptbxl_database.csv`, `scp_statements.csv`.
 *
 * @param path the dataset's folder, or a zip archive of it
 * @throws MissingFileError when a CSV is missing; FormatError when one is not as the publisher's
 */
export function countStatements(path: string): StatementCounts {
  const files = openFileTreeSync(path, TABLE);
  try {
    return countIn(files);
  } finally {
    files.close();
  }
}

function countIn(files: FileTree): StatementCounts {
  const statements = readScpStatements('scp_statements.csv', { files });
  const file = files.show(TABLE);
  const counts = Object.fromEntries(
    SUPERCLASSES.map((name) => [name, { statements: 0, records: 0, likelyRecords: 0 }]),
  ) as Record<Superclass, { statements: number; records: number; likelyRecords: number }>;
  let graded = false;
  for (const [i, fields] of readCsv(TABLE, { columns: ['ecg_id', 'scp_codes'], files }).entries()) {
    const where = { file, row: i + 1, record: fields.ecg_id };
    const codes = parseScpCodes(fields.scp_codes, where);
    const records = new Set<Superclass>();
    for (const [code, likelihood] of Object.entries(codes)) {
      const superclass = statements.get(code);
      if (superclass === undefined) continue;
      counts[superclass].statements++;
      records.add(superclass);
      if (likelihood !== 0 && likelihood !== 100) graded = true;
    }
    for (const superclass of records) counts[superclass].records++;
    for (const superclass of superclassesOf(codes, statements, where)) counts[superclass].likelyRecords++;
  }
  return { superclasses: counts, graded };
}
