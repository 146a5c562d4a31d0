import { countRecords, type DatasetDescription, type PublishedTables, table6Report } from 'hybrid-ecg';
import { count } from '../progress-line';

/** Figures that are counted in a store; the others are the publisher's word. */
const FIGURES = {
  patients: 'patients',
  samples: 'ECGs',
  leads: 'leads',
  mv_unit: 'mV a count',
  duration_s: 'duration, s',
  sampling_rate_hz: 'rate, Hz',
} as const;

/**
 * The paper's figures on a dataset beside those of its store, as lines of a table, and what is to be said of those that
 * differ. Records that were rejected count as the publisher's.
 *
 * @param dataset name of the dataset
 * @param options.store its folder
 * @param options.published the paper's tables
 * @returns no lines for a dataset that the paper does not use
 */
export async function table6Lines(
  dataset: string,
  { store, published }: { readonly store: string; readonly published: Pick<PublishedTables, 'table-6'> },
): Promise<string[]> {
  const description = { dataset, store: dataset, synthetic: false, counts: await countRecords(store) };
  const { rows } = table6Report([description as DatasetDescription], { published });
  const row = rows.find((each) => each.dataset === dataset);
  if (row === undefined) return [];
  const figures = row.cells.flatMap(({ column, value, paper, difference }) => {
    if (column === 'country' || typeof value !== 'number' || typeof paper !== 'number') return [];
    return [[FIGURES[column], figure(paper), figure(value), signed(difference)]];
  });
  const lines = [['', 'paper', 'ours', 'difference'], ...figures].map(([name, ...cells]) =>
    (name.padEnd(12) + cells.map((cell) => cell.padStart(11)).join('')).trimEnd(),
  );
  return [...lines, ...row.notes];
}

function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : String(value);
}

/** A difference without the noise of binary fractions; nothing where there is none. */
function signed(difference = 0): string {
  const rounded = Number(difference.toPrecision(6));
  if (Math.abs(rounded) < 1e-9) return '';
  return rounded > 0 ? `+${figure(rounded)}` : `−${figure(-rounded)}`;
}
