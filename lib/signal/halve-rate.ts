import { extendAlongLine } from './line-extension';
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
  private extended: Float32Array | Float64Array = new Float32Array(0);

  /** @param tap the taps, counted from the middle */
  constructor(tap: (place: number) => number) {
    this.taps = Float64Array.of(tap(0), ...Array.from({ length: PAIRS }, (_, i) => tap(2 * i + 1)));
  }

  /**
   * out[i] = sum_k h[k] x[2 i - k]; outside its range x goes on as `extendAlongLine` says.
   *
   * @param signal [sample], at least one
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
    const samples = signal.length + 2 * REACH;
    if (this.extended.length !== samples || this.extended.constructor !== signal.constructor) {
      this.extended = signal instanceof Float32Array ? new Float32Array(samples) : new Float64Array(samples);
    }
    const x = this.extended;
    extendAlongLine(signal, REACH, x);
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
  const foursOf = (samples: number) => Math.ceil((samples + 2 * REACH) / 4); // of the extended signal
  const half = 2 * foursOf(room) + 2; // of its even or odd samples; two outputs at a time read as many too far
  const even = taps.byteLength;
  const odd = even + half * DOUBLE;
  const signals = odd + half * DOUBLE;
  const outs = signals + 16 * foursOf(room);
  const kernels = signalKernels(outs + 4 * (Math.ceil(room / 2) + 2));
  if (kernels === undefined) return undefined;
  const { memory, split, halve } = kernels;
  new Float64Array(memory, 0, taps.length).set(taps);
  return (signal, out) => {
    extendAlongLine(signal, REACH, new Float32Array(memory, signals, signal.length + 2 * REACH));
    split(signals, signals + 16 * foursOf(signal.length), even, odd);
    halve(even, odd, 0, outs, outs + 4 * out.length);
    out.set(new Float32Array(memory, outs, out.length));
  };
}
