import { join } from 'node:path';
import { writeFileWhole } from '../io/whole-file';
import { type Provenance, provenanceJson } from './provenance';
import { table1CellsCsv, table1Csv } from './table-1-csv';
import { table1Figure } from './table-1-figure';
import type { Table1Report } from './table-1-report';
import { writeClaims } from './write-claims';
import { writeFigure } from './write-figure';

/**
 * Writes Table 1: `table-1.csv` (tuned probe), `table-1-weak.csv`, `table-1-cells.csv`, `claims.csv`,
 * `table-1.provenance.json`, and the figures `table-1` and `table-1-weak` as specification, SVG and PNG.
 *
 * @param report from `table1Report`
 * @param options.tables folder of the tables, e.g. `paper-tables/tiny`; options.figures folder of the figures;
 *   options.provenance
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export async function writeTable1(
  report: Table1Report,
  options: { readonly tables: string; readonly figures: string; readonly provenance: Provenance },
): Promise<string[]> {
  const { cells, claims } = report;
  const { tables, figures, provenance } = options;
  const texts: [string, string][] = [
    ['table-1.csv', table1Csv(cells, { probe: 'tuned' })],
    ['table-1-weak.csv', table1Csv(cells, { probe: 'weak' })],
    ['table-1-cells.csv', table1CellsCsv(cells)],
    ['table-1.provenance.json', provenanceJson(provenance)],
  ];
  const written = texts.map(([name, text]) => {
    const path = join(tables, name);
    writeFileWhole(path, text);
    return path;
  });
  written.push(writeClaims(claims, { folder: tables }));
  for (const probe of ['tuned', 'weak'] as const) {
    const own = cells.filter((cell) => cell.probe === probe);
    const name = probe === 'tuned' ? 'table-1' : 'table-1-weak';
    if (own.length === 0) continue;
    written.push(...Object.values(await writeFigure(table1Figure(own, { provenance }), { folder: figures, name })));
  }
  return written;
}
