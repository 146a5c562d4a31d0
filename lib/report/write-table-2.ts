import type { RiskMode } from '../risk/task-risk';
import { provenanceJson, withRuns } from './provenance';
import { table2CellsCsv, table2Csv } from './table-2-csv';
import { table2Figure } from './table-2-figure';
import { table2Notes } from './table-2-notes';
import type { Table2Report } from './table-2-report';
import { writeClaims } from './write-claims';
import { writeFigure } from './write-figure';
import type { TableTarget } from './write-score-table';
import { writeTableTexts } from './write-table-texts';

/** The robust mode is the table: one split of 50 ECGs, as in the paper, says little about the terms it is part of. */
const NAMES: Readonly<Record<RiskMode, string>> = { robust: 'table-2', paper: 'table-2-paper' };

/**
 * Writes Table 2: `table-2.csv` (robust mode), `table-2-paper.csv` (paper mode), `table-2-cells.csv` (both),
 * `table-2-notes.md` (what must be known to read them), `table-2.provenance.json`, its claims in `claims.csv`, and the
 * figures `table-2` and `table-2-paper` as specification, SVG and PNG.
 *
 * @param report from `table2Report`
 * @param target folders, provenance
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export async function writeTable2(report: Table2Report, target: TableTarget): Promise<string[]> {
  const { cells, claims, pretrainedOnTraining } = report;
  const { tables, figures: folder, provenance } = target;
  const modes = (Object.keys(NAMES) as RiskMode[]).map((mode) => ({ mode, name: NAMES[mode] }));
  const notes = modes.flatMap(({ mode, name }) => [
    `# ${name}.csv`,
    ...table2Notes(cells, { mode, pretrainedOnTraining }).map((note) => `- ${note}`),
  ]);
  const written = writeTableTexts(tables, {
    ...Object.fromEntries(modes.map(({ mode, name }) => [`${name}.csv`, table2Csv(cells, { mode })])),
    'table-2-cells.csv': table2CellsCsv(cells),
    'table-2-notes.md': `${notes.join('\n').replaceAll('\n#', '\n\n#')}\n`,
    'table-2.provenance.json': provenanceJson(withRuns(provenance, cells)),
  });
  written.push(await writeClaims(claims, { folder: tables, seeds: provenance.seeds }));
  for (const { mode, name } of modes) {
    written.push(...Object.values(await writeFigure(table2Figure(cells, { mode, provenance }), { folder, name })));
  }
  return written;
}
