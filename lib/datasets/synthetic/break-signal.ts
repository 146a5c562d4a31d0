import type { Fault } from './cohort-note';

/** Where an amplifier ends, mV. */
const RAIL_MV = 5;
const CHEST = [6, 7, 8, 9]; // V1 to V4

/**
 * Breaks a signal as `no-signal` (all leads 0) or `clipped` does (V1 to V4 at the amplifier's end for a fifth of the time, as
 * with loose electrodes); other faults leave it as it is.
 *
 * @param adc a lead each, in the order of `SYNTHETIC_LEADS`; changed in place
 */
export function breakSignal(adc: readonly Int16Array[], fault: Fault | undefined, gainPerMv: number): void {
  if (fault === 'no-signal') for (const lead of adc) lead.fill(0);
  if (fault !== 'clipped') return;
  const rail = Math.round(RAIL_MV * gainPerMv);
  for (const position of CHEST) {
    const lead = adc[position];
    for (let i = 0; i < lead.length; i++) lead[i] = Math.max(-rail, Math.min(rail, lead[i]));
    lead.fill(rail, Math.floor(0.4 * lead.length), Math.floor(0.6 * lead.length));
  }
}
