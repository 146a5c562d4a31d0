import { writeFlac } from './flac-writer';

/** A signal as a test wants it stored. */
export interface SignalToWrite {
  readonly file: string;
  readonly format: number;
  /** Samples in ADC units, `samplesPerFrame` for each frame. */
  readonly samples: readonly number[];
  readonly samplesPerFrame?: number;
  readonly skew?: number;
  readonly gain?: number;
  readonly baseline?: number;
  readonly units?: string;
  readonly description?: string;
}

/** A single-segment record as a test wants it stored. */
export interface RecordToWrite {
  readonly name: string;
  readonly fsHz?: number;
  readonly signals: readonly SignalToWrite[];
  /** Bytes (samples in FLAC) before the first sample of each file. */
  readonly byteOffset?: number;
  /** Leave the length out of the header. */
  readonly openLength?: boolean;
  readonly comments?: readonly string[];
}

/** Bits of a sample in each format; the lowest value marks an invalid one, except in 8 and 32. */
export const BITS: Readonly<Record<number, number>> = {
  ...{ 8: 8, 16: 16, 24: 24, 32: 32, 61: 16, 80: 8, 160: 16, 212: 12, 310: 10, 311: 10 },
  ...{ 508: 8, 516: 16, 524: 24 },
};

/** The files of a record, by name: written from the words of signal(5) and header(5), apart from the reader. */
export function wfdbFiles(record: RecordToWrite): Record<string, Uint8Array> {
  const { name, fsHz = 500, signals, byteOffset = 0, openLength = false, comments = [] } = record;
  const perFrame = (signal: SignalToWrite) => signal.samplesPerFrame ?? 1;
  const frames = signals.length === 0 ? 0 : signals[0].samples.length / perFrame(signals[0]);
  const files: Record<string, Uint8Array> = {};
  for (const file of new Set(signals.map((signal) => signal.file))) {
    const group = signals.filter((signal) => signal.file === file);
    const { format } = group[0];
    if (format > 500) {
      const bits = BITS[format];
      const prolog = Array<number>(byteOffset).fill(0);
      files[file] = writeFlac({ channels: group.map(({ samples }) => [...prolog, ...samples]), bits, rice: bits - 2 });
      continue;
    }
    const flat: number[] = [];
    const last = group.map(({ samples }) => samples[0]);
    for (let frame = 0; frame < frames; frame++) {
      group.forEach((signal, s) => {
        for (let k = 0; k < perFrame(signal); k++) {
          const value = signal.samples[frame * perFrame(signal) + k];
          flat.push(format === 8 ? value - last[s] : value);
          last[s] = value;
        }
      });
    }
    files[file] = Uint8Array.from([...Array<number>(byteOffset).fill(0x55), ...pack(flat, format)]);
  }
  const lines = signals.map((signal, i) => {
    const { format, samples, skew = 0, gain = 200, baseline = 0, units = 'mV', description = `lead ${i}` } = signal;
    const sum = samples.reduce((total, value) => total + value, 0);
    const layout = `${format}${perFrame(signal) === 1 ? '' : `x${perFrame(signal)}`}${skew === 0 ? '' : `:${skew}`}`;
    const offset = byteOffset === 0 ? '' : `+${byteOffset}`;
    const checksum = ((sum % 65536) + 65536) % 65536;
    const rest = `${BITS[format]} 0 ${samples[0] ?? 0} ${checksum} 0 ${description}`;
    return `${signal.file} ${layout}${offset} ${gain}(${baseline})/${units} ${rest}`;
  });
  const first = `${name} ${signals.length} ${fsHz}${openLength ? '' : ` ${frames}`}`;
  const text = [first, ...lines, ...comments.map((comment) => `# ${comment}`)].join('\n');
  return { ...files, [`${name}.hea`]: Buffer.from(`${text}\n`) };
}

/** Samples as the bytes of a format of fixed width. */
function pack(values: readonly number[], format: number): number[] {
  const low = (value: number, bytes: number) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) & 255);
  const field = (value: number | undefined, bits: number) => (((value ?? 0) % 2 ** bits) + 2 ** bits) % 2 ** bits;
  const blocks = (size: number) =>
    Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
  switch (format) {
    case 8:
      return values.map((value) => field(value, 8));
    case 16:
      return values.flatMap((value) => low(field(value, 16), 2));
    case 24:
      return values.flatMap((value) => low(field(value, 24), 3));
    case 32:
      return values.flatMap((value) => low(field(value, 32), 4));
    case 61:
      return values.flatMap((value) => low(field(value, 16), 2).reverse());
    case 80:
      return values.map((value) => value + 128);
    case 160:
      return values.flatMap((value) => low(value + 32768, 2));
    case 212:
      return blocks(2).flatMap(([a, b]) => {
        const [one, two] = [field(a, 12), field(b, 12)];
        const bytes = [one & 255, (one >> 8) | ((two >> 8) << 4), two & 255];
        return b === undefined ? bytes.slice(0, 2) : bytes;
      });
    case 310:
      return blocks(3).flatMap((block) => {
        const [one, two, three] = [0, 1, 2].map((i) => field(block[i], 10));
        const words = [(one << 1) | ((three & 31) << 11), (two << 1) | ((three >> 5) << 11)];
        return words.slice(0, block.length === 1 ? 1 : 2).flatMap((word) => low(word, 2));
      });
    case 311:
      return blocks(3).flatMap((block) => {
        const [one, two, three] = [0, 1, 2].map((i) => field(block[i], 10));
        return low(one + two * 1024 + three * 1024 ** 2, [0, 2, 3, 4][block.length]);
      });
    default:
      throw new Error(`no format ${format}`);
  }
}
