import { intervalOf } from '../metrics/bootstrap-interval';
import type { Measure } from '../metrics/measure';
import type { Evidence, Relation } from './claim';
import type { ModelName } from './probed-model';
import type { PublishedTable } from './published-tables';
import type { ResampledModel } from './resampled-models';
import { publishedMeasure } from './table-1';

/** The paper's Table 1 as evidence; Criteria are recomputed. */
export function publishedTable1Evidence(published: PublishedTable): Evidence {
  const rows = published.rows.map((row) => ({
    model: row.model.printed as ModelName,
    architecture: [row.patch_size, row.block_depth, row.embedding_size].map((cell) => cell.printed).join('/'),
    row,
  }));
  return {
    differences: (relation) =>
      pairs(rows, relation).map(({ left, right, rightRow }) => {
        const measure = relation.measure as Measure;
        const difference = publishedMeasure(left.row, measure) - publishedMeasure(right.row, measure);
        return { difference, low: difference, high: difference, rightRow };
      }),
  };
}

/** Our rows of one probe as evidence: each difference with its 95 % interval on the shared resamples. */
export function table1Evidence(models: readonly ResampledModel[]): Evidence {
  const rows = models.map((row) => ({
    model: row.model,
    architecture: [row.patchSize, row.blockDepth, row.embeddingSize].join('/'),
    row,
  }));
  return {
    differences: (relation) =>
      pairs(rows, relation).map(({ left, right, rightRow }) => {
        const [a, b] = [left, right].map(({ row }) => row.measured[relation.measure as Measure]);
        const values = a.values.map((value, i) => value - b.values[i]);
        const { value: difference, low, high } = intervalOf({ value: a.value - b.value, values }, 0, {});
        return { difference, low, high, rightRow };
      }),
  };
}

interface NamedRow {
  readonly model: ModelName;
  readonly architecture: string;
}

interface Pair<Row> {
  readonly left: Row;
  readonly right: Row;
  readonly rightRow: string | undefined;
}

/** The pairs of rows that a comparison is about. */
function pairs<Row extends NamedRow>(rows: readonly Row[], { left, right }: Relation): Pair<Row>[] {
  return rows
    .filter(({ model }) => model === left.model)
    .flatMap((one) => {
      const others = rows.filter(({ model }) => model === right.model);
      const same = others.find(({ architecture }) => architecture === one.architecture) ?? others[0];
      const chosen = right.architecture === 'same' ? others.filter((other) => other === same) : others;
      return chosen.map((other) => {
        return { left: one, right: other, rightRow: chosen.length > 1 ? other.architecture : undefined };
      });
    });
}
