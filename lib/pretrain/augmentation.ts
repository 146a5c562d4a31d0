import type { RandomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';

/** How a view differs from its ECG; all leads alike, as the heart beats in all of them at once. */
export interface AugmentationOptions {
  /** Shortest and longest crop, as shares of the ECG; default [.5, 1]. */
  readonly crop: readonly [number, number];
  /** Shortest and longest stretch set to zero, as shares of the ECG; default [.2, .4]. */
  readonly timeOut: readonly [number, number];
}

export const DEFAULT_AUGMENTATION: AugmentationOptions = { crop: [0.5, 1], timeOut: [0.2, 0.4] };

/**
 * Writes one random view of an ECG: a random resized crop, then a time-out (Mehari and Strodthoff, 2022).
 *
 * The crop is stretched to the full length by linear interpolation, which changes the rate by up to a factor of two;
 * amplitudes stay, since hypertrophy is read from them.
 *
 * @param ecg `[lead, sample]`, mV
 * @param view `[lead, sample]`, written
 */
export function augment(
  ecg: Float32Array,
  view: Float32Array,
  { stream, options = DEFAULT_AUGMENTATION }: { stream: RandomStream; options?: AugmentationOptions },
): void {
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * stream.uniform();
  const length = Math.round(between(options.crop) * SAMPLES);
  const start = Math.floor(stream.uniform() * (SAMPLES - length + 1));
  const silent = Math.round(between(options.timeOut) * SAMPLES);
  const silentStart = Math.floor(stream.uniform() * (SAMPLES - silent + 1));
  const { left, share } = resampling(start, length);
  for (let offset = 0; offset < LEADS.length * SAMPLES; offset += SAMPLES) {
    for (let i = 0; i < SAMPLES; i++) {
      const at = offset + left[i];
      view[offset + i] = ecg[at] + share[i] * (ecg[at + 1] - ecg[at]);
    }
    view.fill(0, offset + silentStart, offset + silentStart + silent);
  }
}

/** Where each sample of a stretched crop lies: between `left` and the sample after it, `share` of the way. */
function resampling(start: number, length: number): { left: Int32Array; share: Float32Array } {
  const left = new Int32Array(SAMPLES);
  const share = new Float32Array(SAMPLES);
  const step = (length - 1) / (SAMPLES - 1);
  for (let i = 0; i < SAMPLES; i++) {
    const at = start + i * step;
    left[i] = Math.min(Math.floor(at), SAMPLES - 2);
    share[i] = at - left[i];
  }
  return { left, share };
}

/**
 * Two views of each ECG of a batch.
 *
 * @param ecgs `[batch, lead, sample]`, mV
 * @returns `[2 * batch, lead, sample]`: the first view of each ECG, then the second of each
 */
export function twoViews(
  ecgs: Float32Array,
  { stream, options }: { stream: RandomStream; options?: AugmentationOptions },
): Float32Array {
  const size = LEADS.length * SAMPLES;
  const views = new Float32Array(2 * ecgs.length);
  for (let offset = 0; offset < ecgs.length; offset += size) {
    const ecg = ecgs.subarray(offset, offset + size);
    augment(ecg, views.subarray(offset, offset + size), { stream, options });
    augment(ecg, views.subarray(ecgs.length + offset, ecgs.length + offset + size), { stream, options });
  }
  return views;
}
