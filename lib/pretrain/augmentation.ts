import { ArgumentError } from '../errors';
import { type RandomStream, randomStream } from '../random';
import { LEADS, SAMPLES } from '../signal/leads';

/** How a view differs from its ECG; time is treated alike in all leads, as the heart beats in all of them at once. */
export interface AugmentationOptions {
  /** Shortest and longest crop, as shares of the ECG; default [.5, 1]. */
  readonly crop: readonly [number, number];
  /** Shortest and longest stretch set to zero, as shares of the ECG; default [.2, .4]. */
  readonly timeOut: readonly [number, number];
  /**
   * Smallest and largest factor on the amplitude of a lead, drawn for each lead on a logarithmic scale, such as [.5, 2];
   * default: none, since hypertrophy is read from amplitudes.
   */
  readonly scale?: readonly [number, number];
  /** Standard deviation of white noise added to every sample, mV, such as .005; default: none. */
  readonly noise?: number;
}

export const DEFAULT_AUGMENTATION: AugmentationOptions = { crop: [0.5, 1], timeOut: [0.2, 0.4] };

/**
 * Checks an augmentation.
 *
 * @throws ArgumentError when a range does not ascend, a share is not one, or a factor or deviation is not above 0
 */
export function assertAugmentation({ crop, timeOut, scale, noise }: AugmentationOptions): void {
  const ascends = ([low, high]: readonly [number, number]) => low <= high && high < Number.POSITIVE_INFINITY;
  const rules: [keyof AugmentationOptions, string, boolean][] = [
    ['crop', 'shares in (0, 1], the smaller first', ascends(crop) && crop[0] > 0 && crop[1] <= 1],
    ['timeOut', 'shares in [0, 1], the smaller first', ascends(timeOut) && timeOut[0] >= 0 && timeOut[1] <= 1],
    ['scale', 'factors above 0, the smaller first', scale === undefined || (ascends(scale) && scale[0] > 0)],
    ['noise', 'mV above 0', noise === undefined || (noise > 0 && Number.isFinite(noise))],
  ];
  const given = { crop, timeOut, scale, noise };
  for (const [key, expected, holds] of rules) {
    if (!holds) throw new ArgumentError('augmentation', { expected, actual: String(given[key]), where: { key } });
  }
}

/** Values of an ECG, `[lead, sample]`. */
export const ECG_SIZE = LEADS.length * SAMPLES;

/**
 * Writes one random view of an ECG: a random resized crop, then a time-out (Mehari and Strodthoff, 2022); between them,
 * where they are asked for, a scale for each lead and noise.
 *
 * The crop is stretched to the full length by linear interpolation, which changes the rate by up to a factor of two;
 * amplitudes stay.
 *
 * @param ecg `[lead, sample]`, mV
 * @param view `[lead, sample]`, written
 * @throws ArgumentError when a size is another, or as `assertAugmentation`
 */
export function augment(
  ecg: Float32Array,
  view: Float32Array,
  { stream, options = DEFAULT_AUGMENTATION }: { stream: RandomStream; options?: AugmentationOptions },
): void {
  assertAugmentation(options);
  if (ecg.length !== ECG_SIZE || view.length !== ECG_SIZE) {
    const actual = `${ecg.length} and ${view.length}`;
    throw new ArgumentError('ECG and view', { expected: `${ECG_SIZE} values each`, actual });
  }
  const { crop, timeOut, scale, noise } = options;
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * stream.uniform();
  const length = Math.round(between(crop) * SAMPLES);
  const start = Math.floor(stream.uniform() * (SAMPLES - length + 1));
  const silent = Math.round(between(timeOut) * SAMPLES);
  const silentStart = Math.floor(stream.uniform() * (SAMPLES - silent + 1));
  const silentEnd = silentStart + silent;
  stretch(ecg, view, { start, length, from: 0, to: silentStart });
  stretch(ecg, view, { start, length, from: silentEnd, to: SAMPLES });
  if (scale !== undefined) scaleLeads(view, scale, stream);
  for (let offset = 0; offset < ECG_SIZE; offset += SAMPLES) {
    if (noise !== undefined) {
      for (let i = 0; i < silentStart; i++) view[offset + i] += noise * stream.normal();
      for (let i = silentEnd; i < SAMPLES; i++) view[offset + i] += noise * stream.normal();
    }
    view.fill(0, offset + silentStart, offset + silentEnd);
  }
}

/** Stretches `length` samples from `start` on to the whole view, and writes its samples `from` up to `to`. */
function stretch(
  ecg: Float32Array,
  view: Float32Array,
  { start, length, from, to }: { start: number; length: number; from: number; to: number },
): void {
  const step = (length - 1) / (SAMPLES - 1);
  for (let i = from; i < to; i++) {
    const at = start + i * step;
    const left = Math.min(Math.floor(at), SAMPLES - 2);
    const share = Math.fround(at - left); // of the way to the sample after it
    for (let offset = 0; offset < ECG_SIZE; offset += SAMPLES) {
      const value = ecg[offset + left];
      view[offset + i] = value + share * (ecg[offset + left + 1] - value);
    }
  }
}

function scaleLeads(view: Float32Array, [low, high]: readonly [number, number], stream: RandomStream): void {
  for (let offset = 0; offset < ECG_SIZE; offset += SAMPLES) {
    const factor = low * (high / low) ** stream.uniform();
    for (let i = offset; i < offset + SAMPLES; i++) view[i] *= factor;
  }
}

/**
 * Two views of each ECG of a batch.
 *
 * @param ecgs `[batch, lead, sample]`, mV
 * @param options.out where the views go, twice as long as `ecgs`; default a new array
 * @returns `[2 * batch, lead, sample]`: the first view of each ECG, then the second of each
 * @throws ArgumentError when `out` has another length
 */
export function twoViews(
  ecgs: Float32Array,
  { stream, options, out }: { stream: RandomStream; options?: AugmentationOptions; out?: Float32Array },
): Float32Array {
  const views = out ?? new Float32Array(2 * ecgs.length);
  if (views.length !== 2 * ecgs.length) {
    throw new ArgumentError('out', { expected: `${2 * ecgs.length} values`, actual: String(views.length) });
  }
  for (let offset = 0; offset < ecgs.length; offset += ECG_SIZE) {
    const ecg = ecgs.subarray(offset, offset + ECG_SIZE);
    augment(ecg, views.subarray(offset, offset + ECG_SIZE), { stream, options });
    augment(ecg, views.subarray(ecgs.length + offset, ecgs.length + offset + ECG_SIZE), { stream, options });
  }
  return views;
}

/** The two views of each ECG of a step's batch: seed and step decide them, so that they can be drawn ahead. */
export function viewsOfStep(
  ecgs: Float32Array,
  { seed, step, ...options }: { seed: number; step: number; options: AugmentationOptions; out?: Float32Array },
): Float32Array {
  return twoViews(ecgs, { ...options, stream: randomStream(seed, 'views', step) });
}
