import type { FeatureMatrix } from './feature-matrix';

/** Some rows of a feature matrix, in the order given, as a matrix of its own. */
export function selectRows({ values, columns }: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const selected = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    selected.set(values.subarray(rows[i] * columns, (rows[i] + 1) * columns), i * columns);
  }
  return { values: selected, rows: rows.length, columns };
}
