/** The features of a set of ECGs, one row a record: what a frozen encoder gives and a probe takes. */
export interface FeatureMatrix {
  /** [row, column], row by row */
  values: Float32Array;
  /** number of records */
  rows: number;
  /** number of features of a record, the encoder's embedding size */
  columns: number;
}
