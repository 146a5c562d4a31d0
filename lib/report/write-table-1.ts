import type { Readout } from '../evaluate/readout';
import type { JudgedClaim } from './claim';
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
 * @param target folders, provenance; readout: what the probes read where that is not the profile's: the names then have
 *   it in them, `table-1-mean.csv`, as have the claims
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export async function writeTable1(
  { cells, claims }: Table1Report,
  target: TableTarget & { readonly readout?: Readout },
): Promise<string[]> {
  const name = target.readout === undefined ? TABLE_1.name : `${TABLE_1.name}-${target.readout}`;
  const probes = (['tuned', 'weak'] as const).map((probe) => ({
    name: probe === 'tuned' ? name : `${name}-weak`,
    cells: cells.filter((cell) => cell.probe === probe),
  }));
  return writeTableFiles(
    {
      name,
      wide: probes.map((one) => ({ name: one.name, text: scoreTableCsv(one.cells, { table: TABLE_1 }) })),
      cells,
      claims: claims.map((judged) => named(judged, name)),
      figures: probes
        .filter((one) => one.cells.length > 0)
        .map((one) => ({ name: one.name, figure: table1Figure(one.cells, target) })),
    },
    target,
  );
}

/** A claim about Table 1 as one about the table of that name. */
function named({ claim, ...judged }: JudgedClaim, table: string): JudgedClaim {
  return { ...judged, claim: { ...claim, id: claim.id.replace(TABLE_1.name, table), table } };
}
