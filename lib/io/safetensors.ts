import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ArgumentError, FormatError, MissingFileError } from '../errors';
import { decodeText } from './decode-text';
import { folderTree } from './file-tree';
import { writeFileWhole } from './whole-file';

/** A named array of a safetensors file. */
export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** The arrays of a file, and the texts that its writer put beside them. */
export interface SafeTensors {
  readonly tensors: Map<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPES = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const;
const READ_TYPES = { ...TYPES, I64: BigInt64Array } as const; // PyTorch's counters, such as num_batches_tracked
type TypeName = keyof typeof TYPES;

/** Key of the texts in the header, which no array may have. */
const METADATA = '__metadata__';
/** Metadata keys of the SHA-256 over all array bytes, and over the rest of the header; written always, checked when there. */
const CHECKSUM = 'sha256';
const HEADER_CHECKSUM = 'header_sha256';

/**
 * Writes arrays as a safetensors file: 8 bytes header length, a JSON header, the bytes (huggingface/safetensors).
 *
 * PyTorch reads it with `safetensors.torch.load_file`. The SHA-256 of the bytes, and of the header, go into the metadata.
 *
 * @param path the file; written whole or not at all
 * @param tensors name, shape and values of each array
 * @param options.metadata texts to keep beside them
 * @throws ArgumentError when a shape asks for another number of values, a type or a name is none that can be read, or
 *   metadata are no texts
 * @throws StorageError when the disk refuses
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SafeTensor>,
  { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {},
): void {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  const hash = createHash('sha256');
  let offset = 0;
  const refuse = (key: string, expected: string, actual: string) => {
    throw new ArgumentError('safetensors', { expected, actual, where: { file: path, key } });
  };
  if (!areTexts(metadata)) refuse(METADATA, 'texts by name', String(Object.values(metadata)));
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) refuse(name, 'another name', 'that of the metadata');
    if (typeName(data) === undefined) refuse(name, Object.keys(TYPES).join(', '), Object.prototype.toString.call(data));
    if (!isCounts(shape) || shape.reduce((product, side) => product * side, 1) !== data.length) {
      refuse(name, `a shape of ${data.length} values`, `[${shape}]`);
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype: typeName(data), shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
    hash.update(bytes);
  }
  const checked = { ...metadata, [CHECKSUM]: hash.digest('hex') };
  const headerChecksum = sha256(JSON.stringify({ [METADATA]: checked, ...header }));
  const withMetadata = { [METADATA]: { ...checked, [HEADER_CHECKSUM]: headerChecksum }, ...header };
  const json = Buffer.from(JSON.stringify(withMetadata));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]); // keeps the arrays aligned
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileWhole(path, length, padded, ...parts);
}

/**
 * Reads a safetensors file of float32, float64, int32, uint8 or int64 arrays; int64 becomes float64.
 *
 * @throws MissingFileError when there is no file; StorageError when it cannot be read
 * @throws FormatError when it is cut short, its header lies, arrays share bytes or leave some out, a type is unknown, an int64 is beyond what float64 holds
 *   exactly (2^53), or its bytes differ from its checksum
 */
export function readSafetensors(path: string): SafeTensors {
  const where = { file: path };
  if (!existsSync(path)) {
    throw new MissingFileError('weights', { expected: 'a safetensors file', actual: 'nothing', where });
  }
  const file = folderTree(dirname(path)).read(basename(path));
  const headerLength = file.length < 8 ? Number.NaN : Number(file.readBigUInt64LE(0));
  if (!(8 + headerLength <= file.length)) {
    const actual = `${file.length} bytes, header length ${headerLength}`;
    throw new FormatError('safetensors', { expected: 'a header that fits into the file', actual, where });
  }
  const json = decodeText(file.subarray(8, 8 + headerLength), { what: 'safetensors header', where });
  const { [METADATA]: texts = {}, ...entries } = parseHeader(json, path);
  if (!areTexts(texts)) {
    const actual = JSON.stringify(texts).slice(0, 60);
    throw new FormatError('safetensors', { expected: 'texts by name', actual, where: { ...where, key: METADATA } });
  }
  const { [HEADER_CHECKSUM]: headerChecksum, ...metadata } = texts;
  const foundHeader = sha256(JSON.stringify({ [METADATA]: metadata, ...entries }));
  if (headerChecksum !== undefined && headerChecksum !== foundHeader) {
    const actual = `SHA-256 ${foundHeader}: the file is damaged, delete it`;
    throw new FormatError('safetensors header', { expected: `SHA-256 ${headerChecksum}`, actual, where });
  }
  const bytes = file.subarray(8 + headerLength);
  const tensors = new Map<string, SafeTensor>();
  let end = 0;
  // in the order of their bytes: arrays that share bytes would take any amount of memory
  for (const [name, entry] of Object.entries(entries).sort((a, b) => compareOffsets(a[1], b[1]))) {
    const { dtype, shape, data_offsets: offsets } = entry ?? {};
    const type = Object.hasOwn(READ_TYPES, String(dtype)) ? READ_TYPES[dtype as keyof typeof READ_TYPES] : undefined;
    const [from, to] = isCounts(offsets) ? offsets : [Number.NaN, Number.NaN];
    const size = isCounts(shape) ? shape.reduce((product, side) => product * side, 1) : Number.NaN;
    const fits = type !== undefined && isCounts(shape) && from === end && to - from === size * type.BYTES_PER_ELEMENT;
    if (!fits || to > bytes.length) {
      throw new FormatError('safetensors', {
        expected: `F32, F64, I32, U8 or I64 of shape ${JSON.stringify(shape)} from byte ${end} on, within ${bytes.length} bytes`,
        actual: `${JSON.stringify(dtype)}, bytes ${from} to ${to}`,
        where: { ...where, key: name },
      });
    }
    const copy = Uint8Array.prototype.slice.call(bytes, from, to); // aligned, and does not hold the whole file
    const values = new type(copy.buffer, 0, size);
    tensors.set(name, {
      shape,
      data: values instanceof BigInt64Array ? exact(values, { ...where, key: name }) : values,
    });
    end = to;
  }
  const expected = metadata[CHECKSUM];
  const actual = sha256(bytes.subarray(0, end));
  if (end !== bytes.length || (expected !== undefined && expected !== actual)) {
    throw new FormatError('safetensors', {
      expected: expected === undefined ? `${end} bytes` : `bytes with SHA-256 ${expected}`,
      actual: `${bytes.length} bytes with SHA-256 ${actual}: the file is damaged, delete it`,
      where,
    });
  }
  return { tensors, metadata };
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function exact(values: BigInt64Array, where: { file: string; key: string }): Float64Array {
  const numbers = Float64Array.from(values, Number);
  const beyond = values.find((_, i) => !Number.isSafeInteger(numbers[i]));
  if (beyond === undefined) return numbers;
  throw new FormatError('safetensors', { expected: 'int64 values within +-2^53', actual: String(beyond), where });
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isInteger(count) && count >= 0);
}

/** What a header says of an array; any of it may be anything else. */
type Entry = { readonly dtype?: unknown; readonly shape?: unknown; readonly data_offsets?: unknown } | null;

function compareOffsets(a: Entry, b: Entry): number {
  const [one, other] = [a, b].map((entry) => (isCounts(entry?.data_offsets) ? entry.data_offsets : [0, 0]));
  return one[0] - other[0] || one[1] - other[1];
}

function areTexts(value: unknown): value is Record<string, string> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((text) => typeof text === 'string');
}

function parseHeader(json: string, path: string): Record<string, Entry> {
  const refuse = (expected: string, cause?: unknown) =>
    new FormatError('safetensors header', {
      expected,
      actual: `${json.slice(0, 40)}...`,
      where: { file: path },
      cause,
    });
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch (cause) {
    throw refuse('JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw refuse('a JSON object');
  return header as Record<string, Entry>;
}

function typeName(data: SafeTensor['data']): TypeName | undefined {
  return (Object.keys(TYPES) as TypeName[]).find((name) => data instanceof TYPES[name]);
}
