import type { EcgRecord } from '../datasets/ecg-record';
import { type LeadRange, leadRange } from '../signal/lead-range';
import { FS_HZ, LEADS, leadPositions, SAMPLES } from '../signal/leads';
import type { QualityOptions, Rejection } from '../signal/quality';

/** How the values of a store lie on disk. */
export type StoredType = 'float32' | 'int16';

/** Largest and smallest whole microvolts of a store of int16; -32,768 is not used, for WFDB marks invalid samples by it. */
const LIMIT_UV = 32_767;

/** NumPy's name of each type, and the bytes of a value. */
export const STORED_TYPES = {
  float32: { npy: '<f4', bytes: 4 },
  int16: { npy: '<i2', bytes: 2 },
} as const;

/**
 * Millivolts as whole microvolts: to the nearest, halves to the even one (as `numpy.rint`), held within +-32,767 uV.
 *
 * @param mv mV, finite
 * @param out where the microvolts go, as long as `mv`
 * @returns how many values were beyond +-32.767 mV
 */
export function toMicrovolts(mv: Float32Array, out: Int16Array): number {
  let saturated = 0;
  for (let i = 0; i < mv.length; i++) {
    const whole = wholeMicrovolts(mv[i]);
    out[i] = Math.max(-LIMIT_UV, Math.min(LIMIT_UV, whole));
    if (out[i] !== whole) saturated++;
  }
  return saturated;
}

/** Whole microvolts as millivolts, each the float32 nearest to it. */
export function toMillivolts(uv: Int16Array, out: Float32Array): void {
  for (let i = 0; i < uv.length; i++) out[i] = uv[i] / 1000;
}

/**
 * Says why a store would lose an ECG that `rejection` let through, or undefined where it would not.
 *
 * `no-signal`: more leads than may be are flat in the 10 s that are kept. `not-representable`: a lead is not finite once it is
 * standardised; or is flat as it is stored only, in z-scores, or beyond the number of leads that may be; or more than
 * `maxClippedFraction` of it is beyond the +-32.767 mV of int16.
 *
 * @param record as published
 * @param ecg the same standardised, [lead = 12, sample = 2500]
 */
export function lossOnStoring(
  record: EcgRecord,
  ecg: Float32Array,
  { type, quality, zScore }: { type: StoredType; quality: Required<QualityOptions>; zScore: boolean },
): Rejection | undefined {
  const leads = LEADS.map((name, i) => {
    const values = ecg.subarray(i * SAMPLES, (i + 1) * SAMPLES);
    return { name, values, ...leadRange(values) };
  });
  const infinite = leads.filter(({ finite }) => !finite);
  if (infinite.length > 0) return lost('beyond what float32 holds once standardised', infinite);

  const published = keptRanges(record).map(({ low, high }) => !(high - low > quality.flatMv));
  const still = leads.filter((_, i) => published[i]);
  if (still.length > quality.maxFlatLeads) {
    return { ...lost('flat in the 10 s that are kept', still), reason: 'no-signal' };
  }
  const equal = ({ low, high }: LeadRange) =>
    low === high || (type === 'int16' && wholeMicrovolts(low) === wholeMicrovolts(high));
  const flattened = leads.filter((lead, i) => equal(lead) && !published[i]);
  if (flattened.length > 0 && (zScore || leads.filter(equal).length > quality.maxFlatLeads)) {
    return lost(zScore ? 'flat as z-scores' : 'flat as whole microvolts', flattened);
  }
  if (type === 'float32') return undefined;
  const beyond = leads.flatMap(({ name, values, low, high }) => {
    if (fits(low) && fits(high)) return [];
    const samples = values.reduce((sum, mv) => (fits(mv) ? sum : sum + 1), 0);
    if (samples <= quality.maxClippedFraction * SAMPLES) return [];
    const furthest = Math.abs(low) > Math.abs(high) ? low : high;
    return [{ name: `${name} ${samples} of ${SAMPLES} samples, to ${furthest.toPrecision(4)} mV` }];
  });
  return beyond.length === 0 ? undefined : lost(`beyond the +-${LIMIT_UV / 1000} mV of int16`, beyond);
}

function lost(how: string, leads: readonly { readonly name: string }[]): Rejection {
  return { reason: 'not-representable', detail: `${how}: ${leads.map(({ name }) => name).join(', ')}` };
}

/** Ranges of the published samples of each lead in the 10 s that are kept. */
function keptRanges({ leads, signal, samples, fsHz }: EcgRecord): LeadRange[] {
  const kept = Math.min(samples, Math.ceil((SAMPLES / FS_HZ) * fsHz));
  const start = Math.floor((samples - kept) / 2);
  return leadPositions(leads).map((position) =>
    leadRange(signal.subarray(position * samples + start, position * samples + start + kept)),
  );
}

function fits(mv: number): boolean {
  return Math.abs(wholeMicrovolts(mv)) <= LIMIT_UV;
}

function wholeMicrovolts(mv: number): number {
  const uv = 1000 * mv;
  const whole = Math.round(uv); // halves go up
  return whole - uv === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
}
