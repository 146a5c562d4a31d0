import { type SignalKernels, signalKernels } from './signal-kernels';

/** Samples on either side that an output sees. */
const REACH = 20;
const PAIRS = 10;
const DOUBLE = 8;
/** Longest signal that is copied to the kernel. */
const MOST_SAMPLES = 2 ** 18;

/** Halves the rate of signals by one filter of 41 symmetric taps, of which every other but the one in the middle is 0. */
export class HalveRate {
  /** h0, h1, h3, ... h19, counted from the middle */
  private readonly taps: Float64Array;
  private kernel: Kernel | undefined;
  private padded = new Float64Array(0);

  /** @param tap the taps, counted from the middle */
  constructor(tap: (place: number) => number) {
    this.taps = Float64Array.of(tap(0), ...Array.from({ length: PAIRS }, (_, i) => tap(2 * i + 1)));
  }

  /**
   * out[i] = sum_k h[k] x[2 i - k], x is 0 outside its range.
   *
   * @param signal [sample]
   * @param out ceil(signal.length / 2) samples
   */
  apply(signal: Float32Array | Float64Array, out: Float32Array | Float64Array): void {
    const single = signal instanceof Float32Array && out instanceof Float32Array;
    if (single && signal.length <= MOST_SAMPLES) {
      if (this.kernel?.samples !== signal.length) this.kernel = halvingKernel(signal.length, this.taps);
      if (this.kernel !== undefined) {
        this.kernel.apply(signal, out);
        return;
      }
    }
    this.applyPlain(signal, out);
  }

  /** The same without SIMD. */
  applyPlain(signal: Float32Array | Float64Array, out: Float32Array | Float64Array): void {
    if (this.padded.length !== signal.length + 2 * REACH + 2) {
      this.padded = new Float64Array(signal.length + 2 * REACH + 2);
    }
    const x = this.padded;
    x.set(signal, REACH);
    const [h, h1, h3, h5, h7, h9, h11, h13, h15, h17, h19] = this.taps;
    for (let i = 0, p = REACH; i < out.length; i++, p += 2) {
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
}

interface Kernel {
  readonly samples: number;
  apply(signal: Float32Array, out: Float32Array): void;
}

/** The kernel for signals of one length, its memory laid out; undefined without SIMD. */
function halvingKernel(samples: number, taps: Float64Array): Kernel | undefined {
  const fours = Math.ceil(samples / 4);
  const outputs = Math.ceil(samples / 2);
  const half = PAIRS + 2 * fours + REACH; // of even or odd samples, with the zeros around them
  const places = { taps: 0, even: 0, odd: 0, signal: 0, out: 0, bytes: 0 };
  places.even = taps.byteLength;
  places.odd = places.even + half * DOUBLE;
  places.signal = places.odd + half * DOUBLE;
  places.out = places.signal + 16 * fours;
  places.bytes = places.out + 4 * (outputs + 2);
  const kernels: SignalKernels | undefined = signalKernels(places.bytes);
  if (kernels === undefined) return undefined;
  const { memory, split, halve } = kernels;
  new Float64Array(memory, places.taps, taps.length).set(taps);
  const input = new Float32Array(memory, places.signal, samples);
  const output = new Float32Array(memory, places.out, outputs);
  const zeros = PAIRS * DOUBLE;
  return {
    samples,
    apply(signal, out) {
      input.set(signal);
      split(places.signal, places.signal + 16 * fours, places.even + zeros, places.odd + zeros);
      halve(places.even, places.odd, places.taps, places.out, places.out + 4 * outputs);
      out.set(output);
    },
  };
}
