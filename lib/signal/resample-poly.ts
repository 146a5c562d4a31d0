import { ArgumentError } from '../errors';
import { extendAlongLine } from './line-extension';
import { type Phase, type PolyphaseKernel, polyphaseKernel } from './polyphase-kernel';

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
   * @throws ArgumentError when it has another length
   */
  apply(signal: Float32Array | Float64Array, out: Float32Array | Float64Array): void;
}

/**
 * Changes the rate of a signal by up / down with a zero-phase low-pass filter.
 *
 * y[m] = sum_n x[n] h[m down - n up], h = up times a windowed sinc: cut-off 1 / max(up, down) of the Nyquist rate,
 * 20 max(up, down) + 1 taps, Kaiser window with beta = 5, gain 1 at 0 Hz. Outside its range x goes on along the straight
 * line through its first and its last sample. Equals `scipy.signal.resample_poly(x, up, down, padtype='line')`.
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

/** The filter has 20 times as many taps; 250 Hz from 256.41 Hz asks for 25,641. */
const LARGEST_FACTOR = 1_000_000;

/** Factors up to which a kernel is compiled: one has a function for each phase. */
const LARGEST_KERNEL = 8;
/** Longest signal that is copied to a kernel. */
const MOST_SAMPLES = 2 ** 18;

/**
 * Prepares `resamplePoly` for many signals: the filter is designed and split into phases once.
 *
 * Taps that are 0 (every `max(up, down)`-th of the sinc) are left out, so that a fifth of the samples of 100 -> 250 Hz are
 * copies. Float32 signals of usual rates go through a kernel with SIMD (`polyphaseKernel`).
 */
export function resamplePlan(options: { readonly up: number; readonly down: number }): ResamplePlan {
  for (const key of ['up', 'down'] as const) {
    const value = options[key];
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ArgumentError('resampling', { expected: 'a whole number >= 1', actual: String(value), where: { key } });
  }
  const divisor = greatestCommonDivisor(options.up, options.down);
  const up = options.up / divisor;
  const down = options.down / divisor;
  if (Math.max(up, down) > LARGEST_FACTOR) {
    const expected = `a ratio of whole numbers up to ${LARGEST_FACTOR}`;
    throw new ArgumentError('resampling', { expected, actual: `${up} / ${down}` });
  }
  const length = (samples: number) => Math.ceil((samples * up) / down);
  const requireRoom = (samples: number, room: number) => {
    if (room === length(samples)) return;
    throw new ArgumentError('out', { expected: `${length(samples)} samples`, actual: String(room) });
  };
  if (up === 1 && down === 1) {
    const copy: ResamplePlan['apply'] = (signal, out) => {
      requireRoom(signal.length, out.length);
      out.set(signal);
    };
    return { up, down, length, apply: copy };
  }

  const filter = kaiserLowPass(up, down);
  const margin = Math.ceil(filter.half / up) + 1; // samples that the filter sees beyond either end
  const phases: Phase[] = []; // made when first used: a short signal needs few of 25,000
  const phase = (m: number) => {
    phases[m] ??= phaseOf(filter, up, down, m);
    return phases[m];
  };

  let kernel: PolyphaseKernel | undefined;
  let room = 0; // samples that the kernel takes
  const kernelFor = (samples: number) => {
    if (samples > room) {
      room = 2 * samples; // seldom more than once, for a memory costs address space until it is collected
      for (let m = 0; m < up; m++) phase(m);
      kernel = polyphaseKernel({ up, down, margin, phases }, room);
    }
    return kernel;
  };

  let extended: Float32Array | Float64Array = new Float32Array(0);
  const apply = (signal: Float32Array | Float64Array, out: Float32Array | Float64Array) => {
    requireRoom(signal.length, out.length);
    if (out.length === 0) return;
    const single = signal instanceof Float32Array && out instanceof Float32Array;
    if (single && Math.max(up, down) <= LARGEST_KERNEL && signal.length <= MOST_SAMPLES) {
      const run = kernelFor(signal.length);
      if (run !== undefined) {
        run(signal, out);
        return;
      }
    }
    const samples = signal.length + 2 * margin + down;
    if (extended.length !== samples || extended.constructor !== signal.constructor) {
      extended = signal instanceof Float32Array ? new Float32Array(samples) : new Float64Array(samples);
    }
    extendAlongLine(signal, margin, extended);
    for (let m = 0; m < up && m < out.length; m++) {
      const { first, taps } = phase(m);
      filterPhase(extended, margin + first, down, taps, out, m, up);
    }
  };
  return { up, down, length, apply };
}

/** The taps that meet the samples of output m, m + up, ...: x[n] has tap m down - n up, counted from the centre. */
function phaseOf({ half, tap }: LowPass, up: number, down: number, m: number): Phase {
  const first = Math.ceil((m * down - half) / up);
  const last = Math.floor((m * down + half) / up);
  const taps = Float64Array.from({ length: last - first + 1 }, (_, k) => tap(m * down - (first + k) * up));
  let from = 0;
  let to = taps.length;
  while (from < to - 1 && taps[from] === 0) from++;
  while (to > from + 1 && taps[to - 1] === 0) to--;
  return { first: first + from, taps: taps.subarray(from, to) };
}

/** Writes out[m], out[m + up], ...: one phase of the filter at every `down`-th sample from `start`. */
function filterPhase(
  x: Float32Array | Float64Array,
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
    let a = -0; // added to -0 it stays so, as in the kernel
    let b = -0;
    let c = -0;
    let d = -0;

    for (let k = 0, p = at; k < taps.length; k++, p++) {
      const h = taps[k];
      if (h === 0) continue;
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
    let a = -0;
    for (let k = 0; k < taps.length; k++) if (taps[k] !== 0) a += taps[k] * x[at + k];
    out[i] = a;
  }
}

/** A symmetric filter of 2 half + 1 taps. */
interface LowPass {
  readonly half: number;
  /** The tap so many places from the centre, -half to half. */
  tap(place: number): number;
}

/**
 * `up * firwin(20 max(up, down) + 1, 1 / max(up, down), window=('kaiser', 5.0))` of scipy.signal.
 *
 * Taps are computed when they are asked for: at 250 / 256.41 there are half a million, of which a 10 s signal needs a tenth.
 */
function kaiserLowPass(up: number, down: number): LowPass {
  const rate = Math.max(up, down);
  const half = 10 * rate;
  const beta = 5;
  const unscaled = (place: number) => {
    const x = (Math.PI * place) / rate;
    // a multiple of the rate is a zero of the sinc; Math.sin leaves 1e-17 there
    const sinc = place === 0 ? 1 : place % rate === 0 ? 0 : Math.sin(x) / x;
    return sinc * besselI0(beta * Math.sqrt(1 - (place / half) ** 2));
  };
  let sum = 0;
  for (let place = -half; place <= half; place++) sum += unscaled(place);
  const scale = up / sum;
  return { half, tap: (place) => unscaled(place) * scale };
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
