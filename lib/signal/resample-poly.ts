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

/** The taps of one phase that are not 0: output = sum_k coefficients[k] x[start + positions[k]]. */
interface Phase {
  readonly positions: Int32Array;
  readonly coefficients: Float64Array;
}

/**
 * Prepares `resamplePoly` for many signals: the filter is designed and split into phases once.
 *
 * Taps that are 0 (every `max(up, down)`-th of the sinc) are left out, so that 500 -> 250 Hz costs half, and
 * a fifth of the samples of 100 -> 250 Hz are copies.
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

  const taps = kaiserLowPass(up, down);
  const half = (taps.length - 1) / 2;
  const margin = Math.ceil(half / up) + 1; // zeros on either side of the signal
  const phases: Phase[] = [];
  const starts: number[] = [];
  for (let m = 0; m < up; m++) {
    // tap of x[n] in output m is half + m down - n up; n runs over those that fall on the filter
    const first = Math.ceil((m * down - half) / up);
    const last = Math.floor((m * down + half) / up);
    const kept: [number, number][] = [];
    for (let n = first; n <= last; n++) {
      const tap = taps[half + m * down - n * up];
      if (Math.abs(tap) > 1e-12) kept.push([n - first, tap]);
    }
    starts.push(first);
    phases.push({
      positions: Int32Array.from(kept, ([position]) => position),
      coefficients: Float64Array.from(kept, ([, tap]) => tap),
    });
  }

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
    for (let m = 0; m < up && m < outputs; m++) {
      filterPhase(padded, margin + starts[m], down, phases[m], out, m, up);
    }
  };
  return { up, down, length, apply };
}

/** Writes out[m], out[m + up], ...: one phase of the filter at every `down`-th sample from `start`. */
function filterPhase(
  x: Float64Array,
  start: number,
  down: number,
  { positions, coefficients }: Phase,
  out: Float32Array | Float64Array,
  m: number,
  up: number,
): void {
  const taps = coefficients.length;
  let at = start;
  let i = m;
  // four outputs at a time share each coefficient
  for (; i + 3 * up < out.length; i += 4 * up, at += 4 * down) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = 0; k < taps; k++) {
      const p = at + positions[k];
      const h = coefficients[k];
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
    for (let k = 0; k < taps; k++) a += coefficients[k] * x[at + positions[k]];
    out[i] = a;
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
