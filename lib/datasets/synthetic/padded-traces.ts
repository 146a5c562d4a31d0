import { breakSignal } from './break-signal';
import type { Fault } from './cohort-note';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import type { PartRecord } from './synthetic-part';

/** Samples of a row of `tracings`. */
export const TRACE_SAMPLES = 4096;
/** Values of one. */
export const TRACE_SIZE = TRACE_SAMPLES * SYNTHETIC_LEADS.length;

const GAIN_PER_MV = 1000;

/**
 * Samples an ECG into a row of `tracings` as CODE-15 and SaMi-Trop have them: mV, [sample = 4096, lead = 12], 400 Hz, zeros on
 * both sides of the signal.
 *
 * @param row zeros; `TRACE_SIZE` values
 * @param options.samples of the signal itself
 * @param options.mistaken factor of a record whose unit is mistaken
 */
export function fillTrace<Planted extends Fault>(
  row: Float32Array,
  record: PartRecord<Planted>,
  { samples, mistaken }: { readonly samples: number; readonly mistaken: number },
): void {
  const { fault } = record;
  const adc = record.sample({ fsHz: 400, samples, gainPerMv: GAIN_PER_MV });
  breakSignal(adc, fault, GAIN_PER_MV);
  const gain = fault === 'implausible-amplitude' ? GAIN_PER_MV / mistaken : GAIN_PER_MV;
  const leads = adc.length;
  const start = (TRACE_SAMPLES - samples) >> 1;
  for (const [lead, values] of adc.entries()) {
    for (let i = 0; i < samples; i++) row[(start + i) * leads + lead] = values[i] / gain;
  }
  if (fault !== 'not-a-number') return;
  for (let i = 900; i < 960; i++) row[(start + i) * leads + 1] = Number.NaN;
}
