import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prettifyError, z } from 'zod';
import { FormatError, MissingFileError, StaleError } from '../errors';
import { npyHeader } from '../io/npy';
import { REJECTION_REASONS } from '../signal/quality';

/**
 * Goes up when the files or the numbers in them change meaning: stores of another version are made again. Up to version 2,
 * resampling took samples beyond a record's ends as 0 mV; from 3 on it extends each lead along a line.
 */
export const STORE_VERSION = 3;

/** Name of the file that is written last: a folder that has it is a whole store. */
export const MANIFEST_FILE = 'manifest.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const file = z.strictObject({ file: z.string(), sha256 });

const schema = z.strictObject({
  version: z.literal(STORE_VERSION),
  dataset: z.string(),
  /** What was chosen on opening the dataset, such as the rate. */
  choices: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Whether the dataset carries superclasses. */
  labelled: z.boolean(),
  leads: z.array(z.string()),
  samples: z.int().min(1),
  fsHz: z.number().positive(),
  /** Unit of the values in the shards: standard deviations of the record where the z-score was taken. */
  unit: z.enum(['mV', 'uV', 'standard deviation']),
  /** NumPy's name of the values' type. */
  type: z.enum(['<f4', '<i2']),
  /** Values that did not fit into int16 microvolts, and are +-32,767 instead. */
  saturated: count,
  /** Invalid samples, as published, that were bridged. */
  bridged: count,
  /** Records whose headers have placeholders for checksums that do not agree, and were accepted all the same. */
  unverified: count,
  /** Rows of the dataset that a shard was made from; it holds those that were not rejected. */
  recordsPerShard: z.int().min(1),
  /** What was done besides resampling, cropping and padding. */
  standardise: z.strictObject({
    bandPass: z.strictObject({ lowHz: z.number(), highHz: z.number(), order: z.int() }).nullable(),
    zScore: z.boolean(),
  }),
  quality: z.record(z.string(), z.union([z.number(), z.boolean()])),
  records: count,
  /** Records that could not be used, by reason; each has its row in `rejected.csv`. */
  rejected: z.partialRecord(z.enum(REJECTION_REASONS), count),
  /** The shards that hold records, by the rows that they were made from. */
  shards: z.array(z.strictObject({ file: z.string(), records: z.int().min(1), sha256 })),
  index: file,
  rejectedRows: file,
  /** SHA-256 of the rows and options that the store was made from: an equal one need not be made again. */
  source: sha256,
  /** SHA-256 of all the above but `source`: equal hashes are equal stores. */
  hash: sha256,
});

/** What a standardised store holds, and the hashes that decide it. */
export type StoreManifest = Readonly<z.infer<typeof schema>>;

/** The hash that names a store's content. */
export function manifestHash(manifest: Omit<StoreManifest, 'hash'>): string {
  const { source: _, ...content } = { ...manifest, hash: undefined };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/**
 * Reads and checks the manifest of a store.
 *
 * @throws MissingFileError when there is none: no store, or one that was not finished
 * @throws StaleError when another version of the kit wrote it, with the command that makes the store again
 * @throws FormatError when it is damaged
 */
export function readManifest(folder: string): StoreManifest {
  const path = join(folder, MANIFEST_FILE);
  const where = { file: path };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    const actual = 'none: the data are not standardised yet, or not to the end';
    throw new MissingFileError('standardised store', { expected: MANIFEST_FILE, actual, where, cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError('manifest', { expected: 'JSON', actual: (cause as Error).message, where, cause });
  }
  const { version, dataset } = (json ?? {}) as { version?: unknown; dataset?: unknown };
  if (typeof version === 'number' && version !== STORE_VERSION) {
    throw new StaleError('version of the standardised store', {
      expected: `${STORE_VERSION}; npm run data -- standardise ${dataset} makes the store again`,
      actual: String(version),
      where,
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const actual = prettifyError(parsed.error);
    throw new FormatError('manifest', { expected: `the fields of version ${STORE_VERSION}`, actual, where });
  }
  const { hash, ...rest } = parsed.data;
  if (manifestHash(rest) !== hash) {
    throw new FormatError('manifest hash', { expected: hash, actual: manifestHash(rest), where });
  }
  const inShards = parsed.data.shards.reduce((sum, shard) => sum + shard.records, 0);
  if (inShards !== parsed.data.records) {
    throw new FormatError('records in shards', { expected: `${parsed.data.records}`, actual: `${inShards}`, where });
  }
  return parsed.data;
}

/** The header of a shard and the bytes of one record. */
export function shardLayout(
  { leads, samples, type }: { leads: readonly string[]; samples: number; type: StoreManifest['type'] },
  records: number,
) {
  const header = npyHeader(type, [records, leads.length, samples]);
  const recordBytes = (type === '<i2' ? 2 : 4) * leads.length * samples;
  return { header, recordBytes, bytes: header.length + records * recordBytes };
}
