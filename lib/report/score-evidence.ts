import { intervalOf } from '../metrics/bootstrap-interval';
import type { BootstrappedMeasure } from '../metrics/bootstrap-measures';
import type { ClaimCell, ClaimRow, Difference, Evidence, Relation } from './claim';
import { combined, percentDrop } from './percent-drop';
import type { ModelName } from './probed-model';
import { publishedMeasure } from './published-scores';
import type { PublishedTable } from './published-tables';
import type { ResampledModel } from './resampled-models';
import type { ScoreMeasure } from './score-columns';
import { shapeName } from './scored-model';

/** A row of figures that claims can be about. */
export interface EvidenceRow {
  readonly model: ModelName;
  /** E.g. '250/2/1024'; empty where the table does not say. */
  readonly architecture: string;
  readonly setting: Readonly<Record<string, string>>;
  /** A figure with its values on the shared resamples; none where it has no interval; undefined where it is missing. */
  readonly figure: (measure: string) => BootstrappedMeasure | undefined;
}

/** The paper's rows of a table of scores; Criteria and means are recomputed. */
export function publishedEvidenceRows({ rows, columns }: PublishedTable): EvidenceRow[] {
  const settings = columns.filter((column) => column.endsWith('_percent'));
  return rows.map((row) => ({
    model: row.model.printed as ModelName,
    architecture: ['patch_size', 'block_depth', 'embedding_size']
      .map((key) => row[key]?.printed ?? '')
      .filter((text) => text !== '')
      .join('/'),
    setting: Object.fromEntries(settings.map((column) => [column, row[column].printed])),
    figure: (measure) => {
      const value = publishedMeasure(row, measure as ScoreMeasure);
      return value === undefined ? undefined : { value, values: new Float64Array(0) };
    },
  }));
}

/** Our rows of a table of scores. */
export function resampledEvidenceRows(rows: readonly ResampledModel[]): EvidenceRow[] {
  return rows.map(({ model, architecture, setting, measured }) => ({
    model,
    architecture: shapeName(architecture),
    setting,
    figure: (measure) => measured[measure as ScoreMeasure],
  }));
}

/**
 * Tables of scores as evidence for claims: each difference with its 95 % interval on the shared resamples.
 *
 * @param tables rows by name of the table, all on the same resamples
 * @param options.table the claims' own, meant where a cell names none
 */
export function scoreEvidence(
  tables: Readonly<Record<string, readonly EvidenceRow[]>>,
  { table }: { readonly table: string },
): Evidence {
  const rowsOf = (cell: ClaimRow) =>
    (tables[cell.table ?? table] ?? []).filter(
      ({ model, setting }) =>
        model === cell.model && Object.entries(cell.setting ?? {}).every(([key, value]) => setting[key] === value),
    );
  const figureOf = (row: EvidenceRow, cell: ClaimCell, measure: string): BootstrappedMeasure | undefined => {
    const own = row.figure(measure);
    const against = cell.minus ?? cell.dropFrom;
    if (against === undefined) return own;
    const other = alike(row, rowsOf(against))?.figure(measure);
    if (own === undefined || other === undefined) return undefined;
    return cell.minus === undefined ? percentDrop(other, own) : combined(own, other, (a, b) => a - b);
  };
  return {
    differences: (relation) =>
      pairs(rowsOf(relation.left), rowsOf(relation.right), relation).flatMap(({ left, right, ...names }) => {
        const a = figureOf(left, relation.left, relation.measure);
        const b = figureOf(right, relation.right, relation.measure);
        if (a === undefined || b === undefined) return [];
        return { ...differenceOf(a, b), ...names };
      }),
  };
}

function differenceOf(a: BootstrappedMeasure, b: BootstrappedMeasure): Difference {
  const difference = combined(a, b, (one, other) => one - other);
  if (difference.values.length === 0) {
    const { value } = difference;
    return { difference: value, low: value, high: value };
  }
  const { value, low, high } = intervalOf(difference, 0, {});
  return { difference: value, low, high };
}

/** The pairs of rows that a comparison is about. */
function pairs(lefts: readonly EvidenceRow[], rights: readonly EvidenceRow[], relation: Relation) {
  const apart = (row: EvidenceRow, rows: readonly EvidenceRow[]) => (rows.length > 1 ? row.architecture : undefined);
  return lefts.flatMap((left) => {
    const chosen = rights.filter(
      (right) =>
        (relation.left.architecture !== 'same' || left === alike(right, lefts)) &&
        (relation.right.architecture !== 'same' || right === alike(left, rights)),
    );
    return chosen.map((right) => ({ left, right, leftRow: apart(left, lefts), rightRow: apart(right, chosen) }));
  });
}

/** Of some rows of one model that of the same architecture, else the first. */
function alike(row: EvidenceRow, rows: readonly EvidenceRow[]): EvidenceRow | undefined {
  return rows.find(({ architecture }) => architecture === row.architecture) ?? rows[0];
}
