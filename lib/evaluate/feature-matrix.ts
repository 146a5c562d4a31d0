import { ArgumentError } from '../errors';

/** The features of a set of ECGs, one row a record: what a frozen encoder gives and a probe takes. */
export interface FeatureMatrix {
  /** [row, column], row by row */
  values: Float32Array;
  /** number of records */
  rows: number;
  /** number of features of a record, the encoder's embedding size */
  columns: number;
}

/**
 * Checks that a matrix is one, of finite values.
 *
 * @param options.of whose features, for the errors; options.columns how many are expected
 * @throws ArgumentError when it has no row or column, not rows x columns values, or a value is not finite (with its row)
 */
export function checkFeatures(
  { values, rows, columns }: FeatureMatrix,
  options: { readonly of?: string; readonly columns?: number } = {},
): void {
  const what = options.of === undefined ? 'features' : `features of ${options.of}`;
  const refuse = (expected: string, actual: string, row?: number): never => {
    throw new ArgumentError(what, { expected, actual, where: { row } });
  };
  if (!(rows >= 1 && columns >= 1)) refuse('at least one row and column', `[${rows}, ${columns}]`);
  if (options.columns !== undefined && columns !== options.columns) {
    refuse(`${options.columns} columns, as in training`, String(columns));
  }
  if (values.length !== rows * columns)
    refuse(`${rows} x ${columns} = ${rows * columns} values`, String(values.length));
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    refuse('finite values', `${values[at]} in column ${at % columns}`, Math.floor(at / columns));
  }
}
