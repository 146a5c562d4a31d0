import { createHash } from 'node:crypto';
import { FormatError, type Where } from '../errors';
import { BitReader, EndOfBits } from './bit-reader';
import { decodeFlacSubframe } from './flac-subframe';

/** What the head of a FLAC stream says (RFC 9639, section 8.2). */
export interface FlacInfo {
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Samples of each channel; undefined where the stream does not say. */
  readonly samples: number | undefined;
  /** Samples of the longest block. */
  readonly maxBlock: number;
  /** MD5 of the decoded samples, hexadecimal; undefined where the stream does not say. */
  readonly md5: string | undefined;
  /** Byte of the first frame. */
  readonly start: number;
}

/** Where, and the bytes: what FLAC's functions need. */
export interface FlacSource {
  readonly bytes: Uint8Array;
  readonly where: Where;
}

/**
 * Reads the head of a FLAC stream.
 *
 * @throws FormatError when it is not FLAC, or is cut short
 */
export function flacInfo({ bytes, where }: FlacSource): FlacInfo {
  const refuse = (what: string, expected: string, actual: string) => new FormatError(what, { expected, actual, where });
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length === 0) throw refuse('FLAC stream', 'one', 'an empty file');
  if (text(0, 4) !== 'fLaC') throw refuse('FLAC signature', 'fLaC', JSON.stringify(text(0, 4)));
  let at = 4;
  let info: Omit<FlacInfo, 'start'> | undefined;
  for (let last = false; !last; ) {
    if (at + 4 > bytes.length) throw refuse('FLAC metadata', 'a last block', 'the end of the file');
    const type = bytes[at] & 0x7f;
    last = bytes[at] >= 0x80;
    const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    at += 4;
    if (at + length > bytes.length) throw refuse('FLAC metadata', `${length} bytes`, `${bytes.length - at}`);
    if (info === undefined) {
      if (type !== 0 || length !== 34) throw refuse('FLAC metadata', 'STREAMINFO first', `type ${type}`);
      info = streamInfo(bytes.subarray(at, at + length));
      if (info.maxBlock < 16) throw refuse('FLAC block size', '16 or more', String(info.maxBlock));
    }
    at += length;
  }
  if (info === undefined) throw refuse('FLAC metadata', 'STREAMINFO', 'none');
  return { ...info, start: at };
}

/**
 * The samples of a FLAC stream, exactly: every frame's CRC is checked, and the MD5 of a stream that is read whole.
 *
 * Constant blocks are so small that a stream may hold thousands of samples a byte; what a stream of these bytes cannot
 * hold is refused before memory is taken for it.
 *
 * @param options.info what `flacInfo` said of the stream
 * @param options.from first sample wanted; default 0
 * @param options.to the sample after the last; default to the stream's end, which it must then know
 * @returns a channel each
 * @throws FormatError when the stream is cut short or damaged, or ends before the samples that are wanted
 */
export function decodeFlac(
  source: FlacSource,
  options: { readonly info: FlacInfo; readonly from?: number; readonly to?: number },
): Int32Array[] {
  const { bytes, where } = source;
  const { info } = options;
  const { channels, bitsPerSample, maxBlock } = info;
  const { from = 0, to = info.samples ?? 0 } = options;
  // 4 bytes of a frame's header, its number, two CRCs; a constant channel has a byte, and a sample of 4 bits or more
  const leastFrame = 8 + 1.5 * channels;
  const most = Math.floor((bytes.length - info.start) / leastFrame) * maxBlock;
  const stated = info.samples ?? to;
  if (to > Math.min(most, stated)) {
    throw new FormatError('samples of the FLAC stream', { expected: String(to), actual: String(stated), where });
  }

  const wanted = Math.max(0, to - from);
  const output = Array.from({ length: channels }, () => new Int32Array(wanted));
  const block = Array.from({ length: channels }, () => new Int32Array(maxBlock));
  const whole = from === 0 && to === info.samples && info.md5 !== undefined;
  const hash = whole ? createHash('md5') : undefined;
  let at = info.start;
  for (let done = 0, index = 0; done < to; index++) {
    const frame = decodeFrame(source, { info, at, index, done, block });
    const first = Math.max(0, from - done);
    const last = Math.min(frame.samples, to - done);
    for (let c = 0; first < last && c < channels; c++) {
      output[c].set(block[c].subarray(first, last), done + first - from);
    }
    hash?.update(interleavedBytes(block, frame.samples, bitsPerSample));
    done += frame.samples;
    at = frame.end;
  }
  const found = hash?.digest('hex');
  if (found !== undefined && found !== info.md5) {
    throw new FormatError('MD5 of the FLAC stream', { expected: info.md5 ?? '', actual: found, where });
  }
  return output;
}

function streamInfo(block: Uint8Array): Omit<FlacInfo, 'start'> {
  const bits = new BitReader(block);
  bits.unsigned(16); // shortest block
  const maxBlock = bits.unsigned(16);
  bits.unsigned(24); // shortest and longest frame
  bits.unsigned(24);
  bits.unsigned(20); // sampling rate; the header of the record counts
  const channels = bits.unsigned(3) + 1;
  const bitsPerSample = bits.unsigned(5) + 1;
  const samples = bits.unsigned(4) * 2 ** 32 + bits.unsigned(32);
  const md5 = Buffer.from(block.subarray(18, 34)).toString('hex');
  return {
    channels,
    bitsPerSample,
    samples: samples === 0 ? undefined : samples,
    maxBlock,
    md5: /^0+$/.test(md5) ? undefined : md5,
  };
}

const BITS_OF_CODE = [undefined, 8, 12, undefined, 16, 20, 24, 32];
const [LEFT_SIDE, SIDE_RIGHT, MID_SIDE] = [8, 9, 10];

interface FrameTask {
  readonly info: FlacInfo;
  /** Byte of the frame. */
  readonly at: number;
  /** Number of the frame. */
  readonly index: number;
  /** Samples before it. */
  readonly done: number;
  /** Takes the samples, a channel each. */
  readonly block: readonly Int32Array[];
}

function decodeFrame(source: FlacSource, task: FrameTask): { samples: number; end: number } {
  const { bytes, where } = source;
  const { info, at, index, done, block } = task;
  const refuse = (what: string, expected: string, actual: string) =>
    new FormatError(`${what} of FLAC frame ${index}`, { expected, actual, where });
  const bits = new BitReader(bytes, at);
  try {
    const sync = bits.unsigned(15);
    if (sync !== 0x7ffc) throw refuse('sync code', '0x7ffc', `0x${sync.toString(16)}`);
    const variable = bits.unsigned(1) === 1;
    const sizeCode = bits.unsigned(4);
    const rateCode = bits.unsigned(4);
    const assignment = bits.unsigned(4);
    const depthCode = bits.unsigned(3);
    bits.unsigned(1);
    const number = codedNumber(bits);
    const samples = blockSize(bits, sizeCode);
    if (rateCode >= 12) bits.unsigned(rateCode === 12 ? 8 : 16);
    const headEnd = bits.position;
    if (bits.unsigned(8) !== crc8(bytes, at, headEnd)) throw refuse('header CRC', 'the one of its bytes', 'another');

    // a frame that is missing, or there twice, would shift all that comes after it
    const due = variable ? done : index;
    if (number !== due) throw refuse('number', String(due), String(number));
    if (samples > info.maxBlock) throw refuse('samples', `at most ${info.maxBlock}`, String(samples));
    const channels = assignment < 8 ? assignment + 1 : 2;
    if (assignment > MID_SIDE || channels !== info.channels) {
      throw refuse('channels', String(info.channels), String(channels));
    }
    const depth = depthCode === 0 ? info.bitsPerSample : BITS_OF_CODE[depthCode];
    if (depth !== info.bitsPerSample) throw refuse('bits a sample', String(info.bitsPerSample), String(depth));

    for (let c = 0; c < channels; c++) {
      const side = (assignment === SIDE_RIGHT && c === 0) || (c === 1 && [LEFT_SIDE, MID_SIDE].includes(assignment));
      const fault = decodeFlacSubframe(bits, block[c].subarray(0, samples), side ? depth + 1 : depth);
      if (fault !== undefined) throw refuse('subframe', 'one of FLAC', fault);
    }
    if (bits.align() !== 0) throw refuse('padding', '0', 'ones');
    const end = bits.position;
    if (bits.unsigned(16) !== crc16(bytes, at, end)) throw refuse('CRC', 'the one of its bytes', 'another');
    decorrelate(assignment, block, samples);
    return { samples, end: end + 2 };
  } catch (error) {
    if (error instanceof EndOfBits) throw refuse('bytes', 'a whole frame', 'the end of the file');
    throw error;
  }
}

/** A number in the way of UTF-8, of up to 36 bits; -1 when it is not one. */
function codedNumber(bits: BitReader): number {
  const first = bits.unsigned(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 0) return first;
  if (ones === 1 || ones > 7) return -1;
  let value = first & (0x7f >> ones);
  for (let i = 1; i < ones; i++) {
    const next = bits.unsigned(8);
    if (next >> 6 !== 2) return -1;
    value = value * 64 + (next & 0x3f);
  }
  return value;
}

/** Samples of a block; the code 0 is reserved, and no block has so many. */
function blockSize(bits: BitReader, code: number): number {
  if (code === 0) return Number.POSITIVE_INFINITY;
  if (code === 1) return 192;
  if (code <= 5) return 576 << (code - 2);
  if (code === 6) return bits.unsigned(8) + 1;
  if (code === 7) return bits.unsigned(16) + 1;
  return 256 << (code - 8);
}

/** Two channels of which one was stored as a difference become left and right. */
function decorrelate(assignment: number, [one, other]: readonly Int32Array[], samples: number): void {
  if (assignment === LEFT_SIDE) for (let i = 0; i < samples; i++) other[i] = one[i] - other[i];
  if (assignment === SIDE_RIGHT) for (let i = 0; i < samples; i++) one[i] += other[i];
  if (assignment === MID_SIDE) {
    for (let i = 0; i < samples; i++) {
      const side = other[i];
      const twice = one[i] * 2 + (side & 1);
      one[i] = (twice + side) / 2;
      other[i] = (twice - side) / 2;
    }
  }
}

/** The samples as FLAC's MD5 sees them: little-endian, interleaved, in whole bytes. */
function interleavedBytes(block: readonly Int32Array[], samples: number, bitsPerSample: number): Uint8Array {
  const width = Math.ceil(bitsPerSample / 8);
  const bytes = new Uint8Array(samples * block.length * width);
  let k = 0;
  for (let i = 0; i < samples; i++) {
    for (const channel of block) {
      const value = channel[i];
      for (let b = 0; b < width; b++) bytes[k++] = value >> (8 * b);
    }
  }
  return bytes;
}

const CRC8 = Uint8Array.from({ length: 256 }, (_, byte) => divided(byte, 0x07, 8));
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => divided(byte << 8, 0x8005, 16));

/** The remainder of eight more bits of a division by the polynomial. */
function divided(start: number, polynomial: number, width: number): number {
  let value = start;
  for (let i = 0; i < 8; i++) value = (value << 1) ^ ((value >> (width - 1)) & 1 ? polynomial : 0);
  return value & (2 ** width - 1);
}

function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = CRC8[crc ^ bytes[i]];
  return crc;
}

function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]];
  return crc;
}
