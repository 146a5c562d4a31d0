/** Where the beats of an ECG are looked for, and the stretch before each that holds the P wave, s. */
const RISE_S = 0.01;
const QRS_S = 0.06;
const APART_S = 0.35;
const P_FROM_S = 0.3;
const P_TO_S = 0.08;
/** A QRS complex has at least this part of the energy that 99 % of the samples stay below. */
const QRS_ENERGY = 0.3;
/** Fewer beats have no reliable median. */
const ENOUGH_BEATS = 3;

/** An ECG, [sample, lead] in any unit. */
export interface SampledEcg {
  readonly values: ArrayLike<number>;
  readonly leads: number;
  readonly fsHz: number;
}

/**
 * Sizes of the P waves of some leads: the standard deviation of the median beat from 300 to 80 ms before the QRS complex.
 *
 * A QRS complex is where the leads together change fastest within 60 ms. Enough to compare leads of one ECG; it measures
 * no P wave for its own sake.
 *
 * @param ecg without invalid samples
 * @param leads positions of the leads that are asked for
 * @returns a size each, in the ECG's unit; undefined with less than three beats
 */
export function pWaveSizes(ecg: SampledEcg, leads: readonly number[]): number[] | undefined {
  const { values, leads: all, fsHz } = ecg;
  const [from, to] = [P_FROM_S, P_TO_S].map((seconds) => Math.round(seconds * fsHz));
  const beats = qrsComplexes(ecg).filter((beat) => beat >= from);
  if (beats.length < ENOUGH_BEATS) return undefined;
  return leads.map((lead) => {
    const stretches = beats.map((beat) => {
      const stretch = Float64Array.from({ length: from - to }, (_, i) => values[(beat - from + i) * all + lead]);
      const mean = stretch.reduce((sum, value) => sum + value, 0) / stretch.length;
      return stretch.map((value) => value - mean);
    });
    const median = stretches[0].map((_, i) => medianOf(stretches.map((stretch) => stretch[i])));
    const mean = median.reduce((sum, value) => sum + value, 0) / median.length;
    return Math.sqrt(median.reduce((sum, value) => sum + (value - mean) ** 2, 0) / median.length);
  });
}

/** Samples in the middle of the QRS complexes, ascending. */
function qrsComplexes({ values, leads, fsHz }: SampledEcg): number[] {
  const samples = Math.floor(values.length / leads);
  const [rise, width, apart] = [RISE_S, QRS_S, APART_S].map((seconds) => Math.max(1, Math.round(seconds * fsHz)));
  const count = samples - rise - width;
  if (count < 1) return [];
  const energy = new Float64Array(count); // of the changes from i to i + width
  let running = 0;
  const change = (i: number) => {
    let sum = 0;
    for (let lead = 0; lead < leads; lead++) {
      sum += (values[(i + rise) * leads + lead] - values[i * leads + lead]) ** 2;
    }
    return sum;
  };
  for (let i = 0; i < width; i++) running += change(i);
  for (let i = 0; i < count; i++) {
    energy[i] = running;
    running += change(i + width) - change(i);
  }
  const least = QRS_ENERGY * energy.slice().sort()[Math.floor(0.99 * count)];
  const found: number[] = [];
  for (let i = 0; i < count && least > 0; i++) {
    if (energy[i] < least) continue;
    let peak = i;
    for (let k = i; k < Math.min(count, i + apart); k++) if (energy[k] > energy[peak]) peak = k;
    found.push(peak + Math.floor((width + rise) / 2));
    i = peak + apart;
  }
  return found;
}

function medianOf(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = Math.floor(values.length / 2);
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
