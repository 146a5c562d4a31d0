import { ArgumentError } from '../errors';

/** A resampling made ready: its filter's phases, to be used on many signals. */
export interface ResamplePlan {
  /** Numerator of the change of rate, in lowest terms. */
  readonly up: number;
  /** Denominator of the change of rate, in lowest terms. */
  readonly down: number;
  /** Samples that a signal of `samples` becomes: ceil(samples * up / down). */
  length(samples: number): number;
  /**
   * Resamples one signal.
   *
   * @param signal [sample]
   * @param out where the result goes, of `length(signal.length)`
   */
  apply(signal: Float32Array | Float64Array, out: Float32Array | Float64Array): void;
}

/**
 * Changes the rate of a signal by up / down with a zero-phase low-pass filter.
 *
 * y[m] = sum_n x[n] h[m down - n up], h = up times a windowed sinc: cut-off 1 / max(up, down) of the Nyquist rate,
 * 20 max(up, down) + 1 taps, Kaiser window with beta = 5, gain 1 at 0 Hz; x is 0 outside its range.
 * Equals `scipy.signal.resample_poly(x, up, down)`.
 *
 * @param signal [sample], any unit
 * @param options.up factor of the rate, a whole number >= 1
 * @param options.down divisor of the rate, a whole number >= 1
 * @returns ceil(signal.length up / down) samples, of the signal's own type
 * @throws ArgumentError when up or down is no whole number >= 1
 */
export function resamplePoly(
  signal: Float32Array,
  options: { readonly up: number; readonly down: number },
): Float32Array;
export function resamplePoly(
  signal: Float64Array,
  options: { readonly up: number; readonly down: number },
): Float64Array;
export function resamplePoly(
  signal: Float32Array | Float64Array,
  options: { readonly up: number; readonly down: number },
): Float32Array | Float64Array {
  const plan = resamplePlan(options);
  const length = plan.length(signal.length);
  const out = signal instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  plan.apply(signal, out);
  return out;
}

/** The taps of one phase: output = sum_k taps[k] x[first + k]. */
interface Phase {
  readonly first: number;
  readonly taps: Float64Array;
}

/**
 * Prepares `resamplePoly` for many signals: the filter is designed and split into phases once.
 *
 * Taps that are 0 (every `max(up, down)`-th of the sinc) are left out at the ends of a phase, so that a fifth of the
 * samples of 100 -> 250 Hz are copies; 500 -> 250 Hz has a loop of its own.
 */
export function resamplePlan(options: { readonly up: number; readonly down: number }): ResamplePlan {
  for (const [key, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ArgumentError('resampling', { expected: 'a whole number >= 1', actual: String(value), where: { key } });
  }
  const divisor = greatestCommonDivisor(options.up, options.down);
  const up = options.up / divisor;
  const down = options.down / divisor;
  const length = (samples: number) => Math.ceil((samples * up) / down);
  if (up === 1 && down === 1) return { up, down, length, apply: (signal, out) => out.set(signal) };

  const filter = kaiserLowPass(up, down);
  const half = (filter.length - 1) / 2;
  const margin = Math.ceil(half / up) + 1; // zeros on either side of the signal
  const phases = Array.from({ length: up }, (_, m) => phaseOf(filter, up, down, m));

  let padded = new Float64Array(0);
  let held = -1;
  const apply = (signal: Float32Array | Float64Array, out: Float32Array | Float64Array) => {
    const outputs = length(signal.length);
    if (out.length !== outputs) {
      throw new ArgumentError('resampled signal', { expected: `room for ${outputs}`, actual: String(out.length) });
    }
    if (held !== signal.length) {
      padded = new Float64Array(signal.length + 2 * margin + down);
      held = signal.length;
    }
    padded.set(signal, margin);
    if (up === 1 && down === 2) return halve(padded, margin, filter, out);
    for (let m = 0; m < up && m < outputs; m++) {
      filterPhase(padded, margin + phases[m].first, down, phases[m].taps, out, m, up);
    }
  };
  return { up, down, length, apply };
}

/** The taps that meet the samples of output m, m + up, ...: x[n] has tap half + m down - n up. */
function phaseOf(filter: Float64Array, up: number, down: number, m: number): Phase {
  const half = (filter.length - 1) / 2;
  const tap = (n: number) => filter[half + m * down - n * up];
  let first = Math.ceil((m * down - half) / up);
  let last = Math.floor((m * down + half) / up);
  while (first < last && tap(first) === 0) first++;
  while (last > first && tap(last) === 0) last--;
  return { first, taps: Float64Array.from({ length: last - first + 1 }, (_, k) => tap(first + k)) };
}

/** Writes out[m], out[m + up], ...: one phase of the filter at every `down`-th sample from `start`. */
function filterPhase(
  x: Float64Array,
  start: number,
  down: number,
  taps: Float64Array,
  out: Float32Array | Float64Array,
  m: number,
  up: number,
): void {
  let at = start;
  let i = m;
  // four outputs at a time share each tap
  for (; i + 3 * up < out.length; i += 4 * up, at += 4 * down) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = 0, p = at; k < taps.length; k++, p++) {
      const h = taps[k];
      a += h * x[p];
      b += h * x[p + down];
      c += h * x[p + 2 * down];
      d += h * x[p + 3 * down];
    }
    out[i] = a;
    out[i + up] = b;
    out[i + 2 * up] = c;
    out[i + 3 * up] = d;
  }
  for (; i < out.length; i += up, at += down) {
    let a = 0;
    for (let k = 0; k < taps.length; k++) a += taps[k] * x[at + k];
    out[i] = a;
  }
}

/**
 * Halves the rate. Of the 41 taps, 20 are 0 and the others lie in pairs about the centre; written out, the loop is
 * three times as fast as `filterPhase`.
 */
function halve(x: Float64Array, start: number, filter: Float64Array, out: Float32Array | Float64Array): void {
  const h = filter[20];
  const h1 = filter[21];
  const h3 = filter[23];
  const h5 = filter[25];
  const h7 = filter[27];
  const h9 = filter[29];
  const h11 = filter[31];
  const h13 = filter[33];
  const h15 = filter[35];
  const h17 = filter[37];
  const h19 = filter[39];
  for (let i = 0, p = start; i < out.length; i++, p += 2) {
    out[i] =
      h * x[p] +
      h1 * (x[p - 1] + x[p + 1]) +
      h3 * (x[p - 3] + x[p + 3]) +
      h5 * (x[p - 5] + x[p + 5]) +
      h7 * (x[p - 7] + x[p + 7]) +
      h9 * (x[p - 9] + x[p + 9]) +
      h11 * (x[p - 11] + x[p + 11]) +
      h13 * (x[p - 13] + x[p + 13]) +
      h15 * (x[p - 15] + x[p + 15]) +
      h17 * (x[p - 17] + x[p + 17]) +
      h19 * (x[p - 19] + x[p + 19]);
  }
}

/** `up * firwin(20 max(up, down) + 1, 1 / max(up, down), window=('kaiser', 5.0))` of scipy.signal. */
function kaiserLowPass(up: number, down: number): Float64Array {
  const rate = Math.max(up, down);
  const half = 10 * rate;
  const beta = 5;
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const t = i - half;
    const x = (Math.PI * t) / rate;
    // a multiple of the rate is a zero of the sinc; Math.sin leaves 1e-17 there
    const sinc = t === 0 ? 1 : t % rate === 0 ? 0 : Math.sin(x) / x;
    const window = besselI0(beta * Math.sqrt(1 - (t / half) ** 2));
    taps[i] = sinc * window;
    sum += taps[i];
  }
  for (let i = 0; i < taps.length; i++) taps[i] *= up / sum;
  return taps;
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
