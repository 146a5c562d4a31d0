export { ambiguousLead, LEADS, type Lead, leadPositions } from '../datasets/lead-names';

/** Samples of each lead of a standardised ECG: 10 s at 250 Hz. */
export const SAMPLES = 2500;

/** Sampling rate of a standardised ECG, Hz. */
export const FS_HZ = 250;
