import { TABLE_1 } from './score-table';
import { scoreTableCsv } from './score-table-csv';
import { table1Figure } from './table-1-figure';
import type { Table1Report } from './table-1-report';
import { type TableTarget, writeTableFiles } from './write-score-table';

/**
 * Writes Table 1: `table-1.csv` (tuned probe), `table-1-weak.csv`, `table-1-cells.csv`, `claims.csv`,
 * `table-1.provenance.json`, and the figures `table-1` and `table-1-weak` as specification, SVG and PNG.
 *
 * @param report from `table1Report`
 * @param target folders, provenance
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export async function writeTable1({ cells, claims }: Table1Report, target: TableTarget): Promise<string[]> {
  const probes = (['tuned', 'weak'] as const).map((probe) => ({
    name: probe === 'tuned' ? TABLE_1.name : `${TABLE_1.name}-weak`,
    cells: cells.filter((cell) => cell.probe === probe),
  }));
  return writeTableFiles(
    {
      name: TABLE_1.name,
      wide: probes.map(({ name, cells: own }) => ({ name, text: scoreTableCsv(own, { table: TABLE_1 }) })),
      cells,
      claims,
      figures: probes
        .filter(({ cells: own }) => own.length > 0)
        .map(({ name, cells: own }) => ({ name, figure: table1Figure(own, target) })),
    },
    target,
  );
}
