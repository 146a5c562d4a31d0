import type { Pooling } from '../model/encoder';

/**
 * What a probe reads of an ECG: the mean of its patch tokens, its CLS token, or of all layers side by side the mean and
 * standard deviation of the patch tokens, and the CLS token (`Encoder.embedStatistics`).
 */
export type Readout = Pooling | 'statistics';

/** What is read, in words. */
export const READOUT_NAMES: Readonly<Record<Readout, string>> = {
  mean: 'mean token of the last layer',
  cls: 'CLS token',
  statistics: 'statistics of all layers',
};
