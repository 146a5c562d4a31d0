import type { EcgRecord } from '../datasets/ecg-record';
import { leadRange } from '../signal/lead-range';
import { FS_HZ, LEADS, leadPositions, SAMPLES } from '../signal/leads';
import type { QualityOptions, Rejection } from '../signal/quality';

/** How the values of a store lie on disk. */
export type StoredType = 'float32' | 'int16';

/** Largest and smallest whole microvolts of a store of int16; -32,768 is not used, for WFDB marks invalid samples by it. */
const LIMIT_UV = 32_767;

/** A spike beyond the limit is shorter than this share of a lead. */
const MOST_BEYOND = 0.01;

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
 * standardised; or is flat as it is stored only, in z-scores, or beyond the number of leads that may be; or more than 1 %
 * of it is beyond the +-32.767 mV of int16, as the R peaks of a lead that is 32 mV off are.
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

  const flat = leads.filter(
    ({ low, high }) => low === high || (type === 'int16' && wholeMicrovolts(low) === wholeMicrovolts(high)),
  );
  const kept = Math.ceil((SAMPLES / FS_HZ) * record.fsHz);
  if (flat.length > 0 || record.samples > kept) {
    const flatBefore = flatLeads(record, { kept, flatMv: quality.flatMv });
    if (flatBefore.length > quality.maxFlatLeads) {
      return { ...lost('flat in the 10 s that are kept', flatBefore), reason: 'no-signal' };
    }
    const flattened = flat.filter(({ name }) => !flatBefore.some((before) => before.name === name));
    if (flattened.length > 0 && (zScore || flat.length > quality.maxFlatLeads)) {
      return lost(zScore ? 'flat as z-scores' : 'flat as whole microvolts', flattened);
    }
  }
  if (type === 'float32') return undefined;
  const beyond = leads.flatMap(({ name, values, low, high }) => {
    if (fits(low) && fits(high)) return [];
    const samples = values.reduce((sum, mv) => (fits(mv) ? sum : sum + 1), 0);
    if (samples <= Math.min(MOST_BEYOND, quality.maxClippedFraction) * SAMPLES) return [];
    const furthest = Math.abs(low) > Math.abs(high) ? low : high;
    return [{ name: `${name} ${samples} of ${SAMPLES} samples, to ${furthest.toPrecision(4)} mV` }];
  });
  return beyond.length === 0 ? undefined : lost(`beyond the +-${LIMIT_UV / 1000} mV of int16`, beyond);
}

function lost(how: string, leads: readonly { readonly name: string }[]): Rejection {
  return { reason: 'not-representable', detail: `${how}: ${leads.map(({ name }) => name).join(', ')}` };
}

/** The leads that are flat as published, in so many samples about the centre. */
function flatLeads(
  { leads, signal, samples }: EcgRecord,
  { kept, flatMv }: { readonly kept: number; readonly flatMv: number },
): { name: string }[] {
  const positions = leadPositions(leads);
  const start = Math.max(0, Math.floor((samples - kept) / 2));
  return LEADS.flatMap((name, i) => {
    const lead = signal.subarray(positions[i] * samples, (positions[i] + 1) * samples);
    const { low, high } = leadRange(lead.subarray(start, start + kept));
    return high - low > flatMv ? [] : [{ name }];
  });
}

function fits(mv: number): boolean {
  return Math.abs(wholeMicrovolts(mv)) <= LIMIT_UV;
}

function wholeMicrovolts(mv: number): number {
  const uv = 1000 * mv;
  const whole = Math.round(uv); // halves go up
  return whole - uv === 0.5 && whole % 2 !== 0 ? whole - 1 : whole;
}
