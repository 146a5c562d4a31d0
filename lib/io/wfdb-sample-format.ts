/**
 * How samples lie in a WFDB signal file (signal(5) of the WFDB Applications Guide): so many samples in so many bytes.
 *
 * The decoders return the values as stored, the mark of an invalid sample included.
 */
export interface WfdbSampleFormat {
  /** Samples that share a block of bytes. */
  readonly blockSamples: number;
  readonly blockBytes: number;
  /** Bytes that so many samples take at the file's end, where they do not fill a block. */
  readonly tailBytes: readonly number[];
  /** Value that marks an invalid sample: the lowest; -2^31 in format 8, which has none. */
  readonly invalid: number;
  /** The stored values are differences from the sample before, the first from the header's initial value. */
  readonly differences?: boolean;
  /** `count` samples; bytes that are missing from the last block count as 0. */
  decode(bytes: Uint8Array, count: number): Int16Array | Int32Array;
}

/** The formats of fixed width, by their number. FLAC (508, 516, 524) is in `flac.ts`. */
export const WFDB_SAMPLE_FORMATS: ReadonlyMap<number, WfdbSampleFormat> = new Map<number, WfdbSampleFormat>([
  [8, { ...bytesEach(1), invalid: -0x8000_0000, differences: true, decode: eachByte((byte) => (byte << 24) >> 24) }],
  [16, { ...bytesEach(2), invalid: -0x8000, decode: littleEndian16 }],
  [24, { ...bytesEach(3), invalid: -0x80_0000, decode: littleEndian24 }],
  [32, { ...bytesEach(4), invalid: -0x8000_0000, decode: littleEndian32 }],
  [61, { ...bytesEach(2), invalid: -0x8000, decode: bigEndian16 }],
  [80, { ...bytesEach(1), invalid: -0x80, decode: eachByte((byte) => byte - 128) }],
  [160, { ...bytesEach(2), invalid: -0x8000, decode: offsetBinary16 }],
  [212, { blockSamples: 2, blockBytes: 3, tailBytes: [0, 2], invalid: -0x800, decode: twoIn3Bytes }],
  [310, { blockSamples: 3, blockBytes: 4, tailBytes: [0, 2, 4], invalid: -0x200, decode: threeInTwoWords }],
  [311, { blockSamples: 3, blockBytes: 4, tailBytes: [0, 2, 3], invalid: -0x200, decode: threeIn32Bits }],
]);

/** Bytes that so many samples take. */
export function bytesOfSamples(format: WfdbSampleFormat, samples: number): number {
  const { blockSamples, blockBytes, tailBytes } = format;
  return Math.floor(samples / blockSamples) * blockBytes + tailBytes[samples % blockSamples];
}

/** The most samples that fit in so many bytes. */
export function samplesInBytes(format: WfdbSampleFormat, bytes: number): number {
  const { blockSamples, blockBytes, tailBytes } = format;
  const rest = bytes % blockBytes;
  return Math.floor(bytes / blockBytes) * blockSamples + tailBytes.findLastIndex((tail) => tail <= rest);
}

function bytesEach(blockBytes: number) {
  return { blockSamples: 1, blockBytes, tailBytes: [0] };
}

function eachByte(value: (byte: number) => number) {
  return (bytes: Uint8Array, count: number) => {
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i++) samples[i] = value(bytes[i]);
    return samples;
  };
}

function littleEndian16(bytes: Uint8Array, count: number): Int16Array {
  // typed arrays want an even place; bytes that lie at an odd one are copied
  if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, count);
  return new Int16Array(Uint8Array.from(bytes).buffer, 0, count);
}

function littleEndian24(bytes: Uint8Array, count: number): Int32Array {
  const samples = new Int32Array(count);
  for (let i = 0, k = 0; i < count; i++, k += 3) {
    samples[i] = ((bytes[k] << 8) | (bytes[k + 1] << 16) | (bytes[k + 2] << 24)) >> 8;
  }
  return samples;
}

function littleEndian32(bytes: Uint8Array, count: number): Int32Array {
  if (bytes.byteOffset % 4 === 0) return new Int32Array(bytes.buffer, bytes.byteOffset, count);
  return new Int32Array(Uint8Array.from(bytes).buffer, 0, count);
}

function bigEndian16(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = (bytes[2 * i] << 8) | bytes[2 * i + 1];
  return samples;
}

function offsetBinary16(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) samples[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) - 2 ** 15;
  return samples;
}

/** Sign-extends the low 12 bits. */
function signed12(value: number): number {
  return (value << 20) >> 20;
}

/** Sign-extends the low 10 bits. */
function signed10(value: number): number {
  return (value << 22) >> 22;
}

/** 212: the low byte of one, the high nibbles of both (the first one's lower), the low byte of the other. */
function twoIn3Bytes(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0, k = 0; i < count; i += 2, k += 3) {
    samples[i] = signed12(bytes[k] | (bytes[k + 1] << 8));
    if (i + 1 < count) samples[i + 1] = signed12(((bytes[k + 1] & 0xf0) << 4) | bytes[k + 2]);
  }
  return samples;
}

/** 310: two 16-bit words hold a sample each in bits 1 to 10, and half of the third in the top five. */
function threeInTwoWords(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0, k = 0; i < count; i += 3, k += 4) {
    const one = bytes[k] | (bytes[k + 1] << 8);
    const two = bytes[k + 2] | (bytes[k + 3] << 8);
    samples[i] = signed10(one >> 1);
    if (i + 1 < count) samples[i + 1] = signed10(two >> 1);
    if (i + 2 < count) samples[i + 2] = signed10((one >> 11) | ((two >> 11) << 5));
  }
  return samples;
}

/** 311: the low 30 bits of a 32-bit word, the first sample lowest. */
function threeIn32Bits(bytes: Uint8Array, count: number): Int16Array {
  const samples = new Int16Array(count);
  for (let i = 0, k = 0; i < count; i += 3, k += 4) {
    const word = bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24);
    samples[i] = signed10(word);
    if (i + 1 < count) samples[i + 1] = signed10(word >> 10);
    if (i + 2 < count) samples[i + 2] = signed10(word >> 20);
  }
  return samples;
}
