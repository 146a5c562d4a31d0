import { existsSync, readFileSync } from 'node:fs';
import { ArgumentError } from '../errors';
import { crc32c } from './crc32c';
import { appendSynced, writeFileWhole } from './whole-file';

/** Numbers of one step, by the tag under which TensorBoard draws them. */
export interface ScalarEvent {
  /** 0-based. */
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/**
 * Scalars a step in a file that TensorBoard opens: TFRecord frames, each an `Event` of TensorFlow's event.proto.
 *
 * There is one file a run. A run that goes on from a step cuts off that step and what follows, and writes them again:
 * records of equal steps have equal lengths, so that a TensorBoard that watches the file meanwhile reads on undisturbed.
 */
export class TensorBoardLog {
  readonly #path: string;
  #waiting: Buffer[] = [];

  /**
   * Opens the log to go on from a step: the file is made, or cut before it and before the first damaged record.
   *
   * @param path a name that holds `tfevents`, else TensorBoard does not see it
   * @param first the step that is added next
   * @throws StorageError when the disk refuses
   */
  constructor(path: string, first: number) {
    this.#path = path;
    const kept = existsSync(path) ? recordsBefore(first, readFileSync(path)) : Buffer.alloc(0);
    const start =
      kept.length > 0 ? kept : record(encodeEvent({ wallTime: Date.now() / 1000, version: 'brain.Event:2' }));
    writeFileWhole(path, start);
  }

  /** @throws ArgumentError when the step is no whole number, or the time is not finite */
  add(event: ScalarEvent): void {
    const { step, wallTime } = event;
    if (!(Number.isSafeInteger(step) && step >= 0 && Number.isFinite(wallTime))) {
      const actual = `step ${step} at ${wallTime} s`;
      throw new ArgumentError('event', {
        expected: 'a step from 0 on and a time',
        actual,
        where: { file: this.#path },
      });
    }
    this.#waiting.push(record(encodeEvent(event)));
  }

  /** Writes what was added since, synced. */
  flush(): void {
    appendSynced(this.#path, Buffer.concat(this.#waiting));
    this.#waiting = [];
  }
}

/** A TFRecord: length, its masked checksum, the bytes, theirs. */
function record(data: Buffer): Buffer {
  const framed = Buffer.alloc(12 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8);
  data.copy(framed, 12);
  framed.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return framed;
}

/** TFRecord's mask: checksums of bytes that hold checksums are weak. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The whole, undamaged records at the head of a file up to the first of a step that is not below `first`. */
function recordsBefore(first: number, file: Buffer): Buffer {
  let end = 0;
  while (end + 16 <= file.length) {
    const length = Number(file.readBigUInt64LE(end));
    const next = end + 12 + length + 4;
    if (masked(crc32c(file.subarray(end, end + 8))) !== file.readUInt32LE(end + 8) || next > file.length) break;
    const data = file.subarray(end + 12, next - 4);
    if (masked(crc32c(data)) !== file.readUInt32LE(next - 4)) break;
    const step = stepOf(data);
    if (step !== undefined && step >= first) break;
    end = next;
  }
  return file.subarray(0, end);
}

// Protobuf: a field is (number * 8 + kind), then its value; kinds 0 varint, 1 eight bytes, 2 length and bytes, 5 four.
const WALL_TIME = 1 * 8 + 1;
const STEP = 2 * 8 + 0;
const FILE_VERSION = 3 * 8 + 2;
const SUMMARY = 5 * 8 + 2;
const SUMMARY_VALUE = 1 * 8 + 2;
const VALUE_TAG = 1 * 8 + 2;
const VALUE_SIMPLE = 2 * 8 + 5;

function encodeEvent(event: ScalarEvent | { wallTime: number; version: string }): Buffer {
  const wallTime = Buffer.alloc(9);
  wallTime[0] = WALL_TIME;
  wallTime.writeDoubleLE(event.wallTime, 1);
  if ('version' in event) return Buffer.concat([wallTime, field(FILE_VERSION, Buffer.from(event.version))]);
  const values = Object.entries(event.scalars).map(([tag, value]) => {
    const simple = Buffer.alloc(5);
    simple[0] = VALUE_SIMPLE;
    simple.writeFloatLE(value, 1);
    return field(SUMMARY_VALUE, Buffer.concat([field(VALUE_TAG, Buffer.from(tag)), simple]));
  });
  const step = Buffer.from([STEP, ...varint(event.step)]);
  return Buffer.concat([wallTime, step, field(SUMMARY, Buffer.concat(values))]);
}

function field(key: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([key, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** The step of an event of ours, which follows its wall time; undefined for the one with the version. */
function stepOf(event: Buffer): number | undefined {
  if (event[9] !== STEP) return undefined;
  let step = 0;
  for (let i = 10, scale = 1; i < event.length; i++, scale *= 128) {
    step += (event[i] % 128) * scale;
    if (event[i] < 128) return step;
  }
  return undefined;
}
