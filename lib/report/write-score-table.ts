import type { JudgedClaim } from './claim';
import type { Figure } from './figure';
import { type Provenance, provenanceJson, withRuns } from './provenance';
import type { ScoreCell } from './score-cells';
import { scoreCellsCsv, scoreTableCsv } from './score-table-csv';
import { scoreTableFigure } from './score-table-figure';
import type { ScoreTableReport } from './score-table-report';
import { writeClaims } from './write-claims';
import { writeFigure } from './write-figure';
import { writeTableTexts } from './write-table-texts';

/** Where a table goes. */
export interface TableTarget {
  /** Folder of the tables, e.g. `paper-tables/tiny`. */
  readonly tables: string;
  /** Folder of the figures, e.g. `figures/tiny`. */
  readonly figures: string;
  /** Its run names are taken from the cells where it has none. */
  readonly provenance: Provenance;
}

/**
 * Writes a table of scores: `table-N.csv`, `table-N-cells.csv`, `table-N.provenance.json`, its claims in `claims.csv`,
 * and the figure `table-N` as specification, SVG and PNG.
 *
 * @param report from `table3Report` and the like
 * @param target folders, provenance
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export async function writeScoreTable(report: ScoreTableReport, target: TableTarget): Promise<string[]> {
  const { table, cells, claims } = report;
  const figures = [{ name: table.name, figure: scoreTableFigure(report, target) }];
  const wide = [{ name: table.name, text: scoreTableCsv(cells, { table }) }];
  return writeTableFiles({ name: table.name, wide, cells, claims, figures }, target);
}

/** The files of a table of scores, each whole; as `writeScoreTable`. */
export async function writeTableFiles(
  parts: {
    readonly name: string;
    readonly wide: readonly { readonly name: string; readonly text: string }[];
    readonly cells: readonly ScoreCell[];
    readonly claims: readonly JudgedClaim[];
    readonly figures: readonly { readonly name: string; readonly figure: Figure }[];
  },
  { tables, figures: folder, provenance }: TableTarget,
): Promise<string[]> {
  const { name, wide, cells, claims, figures } = parts;
  const written = writeTableTexts(tables, {
    ...Object.fromEntries(wide.map((table) => [`${table.name}.csv`, table.text])),
    [`${name}-cells.csv`]: scoreCellsCsv(cells),
    [`${name}.provenance.json`]: provenanceJson(withRuns(provenance, cells)),
  });
  written.push(await writeClaims(claims, { folder: tables, seeds: provenance.seeds }));
  for (const one of figures) {
    written.push(...Object.values(await writeFigure(one.figure, { folder, name: one.name })));
  }
  return written;
}
