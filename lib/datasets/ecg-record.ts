/** One ECG as its publisher recorded it: every lead by name, in millivolts, at its own rate. */
export interface EcgRecord {
  /** Name of the dataset, such as `ptb-xl`. */
  readonly dataset: string;
  /** The publisher's id of the record; unique in the dataset. */
  readonly recordId: string;
  /** The publisher's id of the patient; equal for all ECGs of one person. */
  readonly patientId: string;
  /** Sampling rate, Hz. */
  readonly fsHz: number;
  /** Lead names in the publisher's spelling and order. */
  readonly leads: readonly string[];
  /** mV, [lead, sample]; NaN where the publisher marks a sample invalid. */
  readonly signal: Float32Array;
  /** Samples of each lead. */
  readonly samples: number;
  /** The file that it was read from, relative to the dataset's folder. */
  readonly file: string;
  /** Names of what the record holds besides its leads, which was not read. */
  readonly otherSignals?: readonly string[];
  /** True where a header's placeholders stood in the way of verifying the samples, and were accepted. */
  readonly unverified?: true;
}
