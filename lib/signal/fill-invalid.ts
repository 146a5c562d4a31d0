import { leadRange } from './lead-range';

/**
 * Puts a line between the valid neighbours in the place of invalid samples (NaN, infinities); before the first and after
 * the last valid sample that one's value, and 0 where none is valid. As `numpy.interp` over the valid samples.
 *
 * @param lead [sample]
 * @returns `lead` itself where all samples are valid, else a copy
 */
export function fillInvalid(lead: Float32Array): Float32Array {
  if (leadRange(lead).finite) return lead;
  const filled = Float32Array.from(lead);
  let valid = -1; // the last valid sample
  for (let i = 0; i <= filled.length; i++) {
    if (i < filled.length && !Number.isFinite(filled[i])) continue;
    const after = i < filled.length ? filled[i] : valid >= 0 ? filled[valid] : 0;
    const before = valid >= 0 ? filled[valid] : after;
    for (let k = valid + 1; k < i; k++) filled[k] = before + ((after - before) * (k - valid)) / (i - valid);
    valid = i;
  }
  return filled;
}

/** Number of samples that are NaN or infinite. */
export function countInvalid(lead: Float32Array): number {
  return lead.reduce((count, value) => (Number.isFinite(value) ? count : count + 1), 0);
}
