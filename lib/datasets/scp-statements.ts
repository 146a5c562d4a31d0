import { FormatError, type Where } from '../errors';
import { readCsv } from '../io/csv';
import type { FileTree } from '../io/file-tree';
import { SUPERCLASSES, type Superclass } from './superclass';

/** Every SCP-ECG statement of a dataset, with the superclass of those that are diagnostic. */
export type ScpStatements = ReadonlyMap<string, Superclass | undefined>;

/**
 * Reads PTB-XL's `scp_statements.csv`: the first column, without a name, is the statement.
 *
 * @param path the table
 * @param options.files the tree that the table's name is in; default the disk
 * @throws FormatError when a column is missing or a diagnostic statement has an unknown `diagnostic_class`
 */
export function readScpStatements(path: string, options: { readonly files?: FileTree } = {}): ScpStatements {
  const { files } = options;
  const rows = readCsv(path, { columns: ['', 'diagnostic', 'diagnostic_class'], files });
  const file = files?.show(path) ?? path;
  return new Map(
    rows.map((row) => {
      if (Number(row.diagnostic) !== 1) return [row[''], undefined];
      const superclass = SUPERCLASSES.find((name) => name === row.diagnostic_class.trim().toUpperCase());
      if (superclass === undefined) {
        throw new FormatError('diagnostic_class', {
          expected: SUPERCLASSES.join(', '),
          actual: `'${row.diagnostic_class}'`,
          where: { file, key: row[''] },
        });
      }
      return [row[''], superclass];
    }),
  );
}

/**
 * The superclasses of one ECG, in the order of `SUPERCLASSES`: those of its diagnostic statements with a likelihood > 0.
 *
 * A likelihood of 0 means that the report gave none. helme/ecg_ptbxl_benchmarking, the code of Strodthoff et al. (2021),
 * counts such statements too: its `aggregate_diagnostic` looks at no likelihood. Here they do not count, because the ECGs
 * by superclass in the paper's Table 7 are those of likelihoods > 0 (`lib/report/table-7-rule.ts`); `countStatements`
 * counts both.
 *
 * @param codes likelihood, 0 to 100, by statement; 0 does not count
 * @param statements what each statement means
 * @param where the record, for errors
 * @throws FormatError on a statement that the table does not have
 */
export function superclassesOf(
  codes: Readonly<Record<string, number>>,
  statements: ScpStatements,
  where: Where = {},
): Superclass[] {
  const found = new Set<Superclass>();
  for (const [code, likelihood] of Object.entries(codes)) {
    if (!statements.has(code)) {
      throw new FormatError('SCP statement', {
        expected: `one of the ${statements.size} of scp_statements.csv`,
        actual: `'${code}'`,
        where: { ...where, key: code },
      });
    }
    const superclass = statements.get(code);
    if (superclass !== undefined && likelihood > 0) found.add(superclass);
  }
  return SUPERCLASSES.filter((name) => found.has(name));
}
