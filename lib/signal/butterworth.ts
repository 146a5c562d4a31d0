import { ArgumentError } from '../errors';

/** A band-pass filter by its edges. */
export interface BandPassOptions {
  /** Lower edge, Hz, > 0: there the filter lets through 1 / sqrt(2) of the amplitude in one direction. */
  readonly lowHz: number;
  /** Upper edge, Hz, above the lower one and below half the rate. */
  readonly highHz: number;
  /** Order of the low-pass prototype, 1 to 10, as SciPy counts it: the band-pass has twice as many poles; default 3. */
  readonly order?: number;
}

/** One second-order section: y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]. */
export interface Section {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * Designs a Butterworth band-pass as second-order sections.
 *
 * The prototype's poles -exp(i pi m / 2N) go to the band by s -> (s^2 + w0^2) / (B s), B and w0 from the edges warped to
 * 4 tan(pi f / fs), and to the unit circle by the bilinear transform. Every section has its zeros at 1 and -1. The product
 * of the sections equals `scipy.signal.butter(order, [lowHz, highHz], 'bandpass', fs=fsHz, output='sos')`.
 *
 * @param options the edges and the order
 * @param fsHz the signal's rate
 * @returns `order` sections; the first carries the gain
 * @throws ArgumentError when not 0 < lowHz < highHz < fsHz / 2, the rate is not finite, or when the order is no whole number of 1 to 10
 */
export function butterworthBandPass(options: BandPassOptions, fsHz: number): Section[] {
  const { lowHz, highHz, order = 3 } = options;
  if (!(lowHz > 0 && lowHz < highHz && highHz < fsHz / 2 && Number.isFinite(fsHz))) {
    const actual = `${lowHz} to ${highHz} Hz at ${fsHz} Hz`;
    throw new ArgumentError('band-pass', { expected: `0 < low < high < ${fsHz / 2} Hz`, actual });
  }
  if (!(Number.isInteger(order) && order >= 1 && order <= 10)) {
    throw new ArgumentError('order of the band-pass', { expected: 'a whole number, 1 to 10', actual: String(order) });
  }
  const [low, high] = [lowHz, highHz].map((hz) => 4 * Math.tan((Math.PI * hz) / fsHz));
  const width = high - low;
  const pairs: [Complex, Complex][] = [];
  for (let m = order - 1; m >= 0; m -= 2) {
    const angle = (Math.PI * m) / (2 * order);
    const pole = { re: (-Math.cos(angle) * width) / 2, im: (Math.sin(angle) * width) / 2 };
    const [upper, lower] = quadraticRoots(pole, low * high);
    // m and -m are conjugate, and so are their poles in the band; the real prototype's two are each other's partner
    if (m === 0) pairs.push([upper, lower]);
    else for (const root of [upper, lower]) pairs.push([root, { re: root.re, im: -root.im }]);
  }
  let gain = (4 * width) ** order;
  const sections = pairs.map(([p, q]) => {
    const [z, w] = [p, q].map(bilinear);
    // (4 - p)(4 - q) is real, for p and q are conjugate or both real
    gain /= (4 - p.re) * (4 - q.re) - p.im * q.im;
    return { b0: 1, b1: 0, b2: -1, a1: -(z.re + w.re), a2: z.re * w.re - z.im * w.im };
  });
  sections[0] = { ...sections[0], b0: gain, b2: -gain };
  return sections;
}

/** p +- sqrt(p^2 - square), the one with the larger imaginary (or real) part first. */
function quadraticRoots(p: Complex, square: number): [Complex, Complex] {
  const re = p.re * p.re - p.im * p.im - square;
  const im = 2 * p.re * p.im;
  const size = Math.hypot(re, im);
  const root = { re: Math.sqrt(Math.max(0, (size + re) / 2)), im: Math.sqrt(Math.max(0, (size - re) / 2)) };
  if (im < 0) root.re = -root.re;
  return [
    { re: p.re + root.re, im: p.im + root.im },
    { re: p.re - root.re, im: p.im - root.im },
  ];
}

/** (4 + s) / (4 - s). */
function bilinear({ re, im }: Complex): Complex {
  const size = (4 - re) ** 2 + im ** 2;
  return { re: (16 - re * re - im * im) / size, im: (8 * im) / size };
}
