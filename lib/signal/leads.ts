/** The twelve leads in the order of every standardised ECG. */
export const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'] as const;

/** Name of one of the twelve leads. */
export type Lead = (typeof LEADS)[number];

/** Samples of each lead of a standardised ECG: 10 s at 250 Hz. */
export const SAMPLES = 2500;

/** Sampling rate of a standardised ECG, Hz. */
export const FS_HZ = 250;

/**
 * Finds the twelve leads by name: publishers differ in order and in case (`AVR`, `aVR`).
 *
 * @param names lead names of a record, in its order
 * @returns for each of `LEADS` its position in `names`, or -1 where there is none; the first wins when a name repeats
 */
export function leadPositions(names: readonly string[]): number[] {
  const spelled = names.map((name) => name.trim().toLowerCase());
  return LEADS.map((lead) => spelled.indexOf(lead.toLowerCase()));
}
