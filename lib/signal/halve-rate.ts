import { signalKernels } from './signal-kernels';

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
  /** Samples that the kernel has room for. */
  private room = 0;
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
      if (signal.length > this.room) {
        this.room = 2 * signal.length; // seldom more than once, for a memory costs address space until it is collected
        this.kernel = halvingKernel(this.room, this.taps);
      }
      if (this.kernel !== undefined) {
        this.kernel(signal, out);
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

type Kernel = (signal: Float32Array, out: Float32Array) => void;

/** The kernel for signals of at most so many samples, its memory laid out; undefined without SIMD. */
function halvingKernel(room: number, taps: Float64Array): Kernel | undefined {
  const foursOf = (samples: number) => Math.ceil(samples / 4);
  const half = PAIRS + 2 * foursOf(room) + REACH; // of even or odd samples, with the zeros around them
  const even = taps.byteLength;
  const odd = even + half * DOUBLE;
  const signals = odd + half * DOUBLE;
  const outs = signals + 16 * foursOf(room);
  const kernels = signalKernels(outs + 4 * (Math.ceil(room / 2) + 2));
  if (kernels === undefined) return undefined;
  const { memory, split, halve } = kernels;
  new Float64Array(memory, 0, taps.length).set(taps);
  const input = new Float32Array(memory, signals, 4 * foursOf(room));
  const zeros = PAIRS * DOUBLE;
  let before = 0; // samples of the signal before, which are still there
  return (signal, out) => {
    input.set(signal);
    input.fill(0, signal.length, Math.max(signal.length, before));
    const fours = foursOf(Math.max(signal.length, before));
    before = signal.length;
    split(signals, signals + 16 * fours, even + zeros, odd + zeros);
    halve(even, odd, 0, outs, outs + 4 * out.length);
    out.set(new Float32Array(memory, outs, out.length));
  };
}
