import { createHash } from 'node:crypto';

/** How a test wants its FLAC stream coded; the same for all channels and blocks. */
export interface FlacToWrite {
  /** Samples, a channel each, of equal length. */
  readonly channels: readonly (readonly number[])[];
  /** Bits of a sample. */
  readonly bits: number;
  /** Samples a block, 16 or more; default 64. */
  readonly block?: number;
  /** `constant` falls back to `verbatim` where the samples differ. Default `fixed`. */
  readonly subframe?: 'constant' | 'verbatim' | 'fixed' | 'linear';
  /** Order of a predictor; default 1. */
  readonly order?: number;
  /** Rice parameter; undefined stores the residuals plainly. Default 3. */
  readonly rice?: number;
  /** Partition order of the residuals; default 0. */
  readonly partitions?: number;
  /** How two channels are stored; default apart. */
  readonly stereo?: 'apart' | 'left-side' | 'side-right' | 'mid-side';
  /** Number blocks by their first sample rather than one by one. */
  readonly variable?: boolean;
  /** Leave MD5 and length out of the head. */
  readonly anonymous?: boolean;
}

const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

/** A FLAC stream by the words of RFC 9639, plain and slow. */
export function writeFlac(source: FlacToWrite): Uint8Array {
  const { channels, bits, block = 64, variable = false, anonymous = false } = source;
  const { length } = channels[0];
  const head = new BitWriter();
  head.put(0x664c6143, 32); // fLaC
  head.put(1, 1); // the only metadata block
  head.put(0, 7);
  head.put(34, 24);
  head.put(block, 16);
  head.put(block, 16);
  head.put(0, 48);
  head.put(44100, 20);
  head.put(channels.length - 1, 3);
  head.put(bits - 1, 5);
  head.put(anonymous ? 0 : length, 36);
  const parts: Uint8Array[] = [head.bytes(), anonymous ? new Uint8Array(16) : md5(source)];
  for (let start = 0, index = 0; start < length; start += block, index++) {
    const part = channels.map((channel) => channel.slice(start, start + block));
    parts.push(writeFrame(source, { part, number: variable ? start : index }));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function writeFrame(source: FlacToWrite, { part, number }: { part: number[][]; number: number }): Uint8Array {
  const { bits, stereo = 'apart', variable = false } = source;
  const [left, right] = part;
  const side = () => left.map((value, i) => value - right[i]);
  const mid = () => left.map((value, i) => Math.floor((value + right[i]) / 2));
  const stored = {
    apart: () => [part.length - 1, part.map((samples) => [samples, bits] as const)] as const,
    'left-side': () =>
      [
        8,
        [
          [left, bits],
          [side(), bits + 1],
        ],
      ] as const,
    'side-right': () =>
      [
        9,
        [
          [side(), bits + 1],
          [right, bits],
        ],
      ] as const,
    'mid-side': () =>
      [
        10,
        [
          [mid(), bits],
          [side(), bits + 1],
        ],
      ] as const,
  } as const;
  const [assignment, subframes] = stored[stereo]();
  const out = new BitWriter();
  out.put(0x7ffc, 15);
  out.put(variable ? 1 : 0, 1);
  out.put(7, 4); // the block size follows in 16 bits
  out.put(0, 4);
  out.put(assignment, 4);
  out.put(0, 3); // bits a sample as in the head
  out.put(0, 1);
  for (const byte of Buffer.from(String.fromCodePoint(number))) out.put(byte, 8);
  out.put(part[0].length - 1, 16);
  out.put(remainder(out.bytes(), 0x107, 8), 8);
  for (const [samples, depth] of subframes) writeSubframe(out, samples, { ...source, depth });
  out.align();
  out.put(remainder(out.bytes(), 0x18005, 16), 16);
  return out.bytes();
}

function writeSubframe(out: BitWriter, values: readonly number[], source: FlacToWrite & { depth: number }): void {
  const { depth, subframe = 'fixed', rice = 3, partitions = 0 } = source;
  const plain = 'rice' in source && source.rice === undefined;
  let wasted = 0;
  while (wasted < depth - 1 && values.every((value) => value % 2 ** (wasted + 1) === 0)) wasted++;
  if (values.every((value) => value === 0)) wasted = 0;
  const samples = values.map((value) => value / 2 ** wasted);
  const width = depth - wasted;
  const order = Math.min(source.order ?? 1, samples.length);
  const constant = samples.every((value) => value === samples[0]);
  const kind = subframe === 'constant' && !constant ? 'verbatim' : subframe;
  out.put(0, 1);
  out.put({ constant: 0, verbatim: 1, fixed: 8 + order, linear: 31 + Math.max(1, order) }[kind], 6);
  out.put(wasted === 0 ? 0 : 1, 1);
  if (wasted > 0) out.put(1, wasted);
  if (kind === 'constant' || kind === 'verbatim') {
    for (const value of kind === 'constant' ? samples.slice(0, 1) : samples) out.put(value, width);
    return;
  }

  const coefficients = kind === 'fixed' ? FIXED[order] : Array.from({ length: Math.max(1, order) }, (_, i) => 3 - i);
  const shift = kind === 'fixed' ? 0 : 1;
  const start = coefficients.length;
  for (const value of samples.slice(0, start)) out.put(value, width);
  if (kind === 'linear') {
    out.put(7 - 1, 4);
    out.put(shift, 5);
    for (const coefficient of coefficients) out.put(coefficient, 7);
  }
  const residuals = samples.slice(start).map((value, i) => {
    const sum = coefficients.reduce((total, c, j) => total + c * samples[start + i - 1 - j], 0);
    return value - Math.floor(sum / 2 ** shift);
  });
  const whole = samples.length % 2 ** partitions === 0 && samples.length / 2 ** partitions >= start;
  const parts = whole ? partitions : 0;
  const each = samples.length / 2 ** parts;
  out.put(1, 2); // parameters of 5 bits
  out.put(parts, 4);
  for (let p = 0, at = 0; p < 2 ** parts; p++) {
    const end = each * (p + 1) - start;
    const group = residuals.slice(at, end);
    at = end;
    out.put(plain ? 31 : rice, 5);
    if (plain) out.put(31, 5);
    for (const residual of group) {
      if (plain) out.put(residual, 31);
      else {
        const folded = residual >= 0 ? 2 * residual : -2 * residual - 1;
        for (let q = Math.floor(folded / 2 ** rice); q > 0; q--) out.put(0, 1);
        out.put(1, 1);
        out.put(folded % 2 ** rice, rice);
      }
    }
  }
}

function md5({ channels, bits }: FlacToWrite): Uint8Array {
  const width = Math.ceil(bits / 8);
  const bytes = channels[0].flatMap((_, i) =>
    channels.flatMap((channel) => Array.from({ length: width }, (_, b) => (channel[i] >> (8 * b)) & 255)),
  );
  return createHash('md5').update(Uint8Array.from(bytes)).digest();
}

/** The remainder of a division of polynomials, bit by bit. */
function remainder(bytes: Uint8Array, polynomial: number, width: number): number {
  let rest = 0;
  for (const byte of [...bytes, ...Array<number>(width / 8).fill(0)]) {
    for (let bit = 7; bit >= 0; bit--) {
      rest = rest * 2 + ((byte >> bit) & 1);
      if (rest >= 2 ** width) rest ^= polynomial;
    }
  }
  return rest;
}

class BitWriter {
  private readonly done: number[] = [];
  private open: number[] = [];

  /** Appends the low bits of a number, the highest first. */
  put(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) {
      this.open.push(Math.abs(Math.floor(value / 2 ** bit) % 2));
      if (this.open.length === 8) {
        this.done.push(this.open.reduce((byte, next) => byte * 2 + next, 0));
        this.open = [];
      }
    }
  }

  align(): void {
    while (this.open.length > 0) this.put(0, 1);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.done);
  }
}
