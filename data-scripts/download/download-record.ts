import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError, writeFileWhole } from 'hybrid-ecg';
import { prettifyError, z } from 'zod';

/** Name of the file that tells what was downloaded into a folder. */
export const RECORD_FILE = 'download.json';

const bytes = z.int().min(0);
const checksum = z.strictObject({ algorithm: z.enum(['sha256', 'md5']), value: z.string().regex(/^[0-9a-f]+$/) });

const schema = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  files: z.array(
    z.strictObject({
      name: z.string(),
      url: z.string(),
      bytes,
      /** As the publisher lists it, and found so. */
      checksum: checksum.optional(),
      /** When it was whole, UTC. */
      at: z.string(),
      /** Whether what is in it was compared with the publisher's list, where it has no checksum of its own. */
      verified: z.boolean().optional(),
      /** What came out of it, where it was a zip that does not stay. */
      unpacked: z.array(z.strictObject({ name: z.string(), bytes, crc32: z.int().min(0) })).optional(),
    }),
  ),
});

/** What was downloaded into a folder: each file's source, size and checksum. */
export type DownloadRecord = Readonly<z.infer<typeof schema>>;

/** A file of the record. */
export type DownloadedFile = DownloadRecord['files'][number];

/**
 * Reads a folder's record.
 *
 * @returns undefined where there is none
 * @throws FormatError when it is damaged
 */
export function readDownloadRecord(folder: string): DownloadRecord | undefined {
  const file = join(folder, RECORD_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const details = { expected: 'a record of downloads; remove it to make it again', where: { file } };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError('download record', { ...details, actual: (cause as Error).message, cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new FormatError('download record', { ...details, actual: prettifyError(parsed.error) });
  return parsed.data;
}

/** Adds a file to a folder's record, or replaces it there. */
export function recordDownload(folder: string, dataset: string, file: DownloadedFile): void {
  const others = readDownloadRecord(folder)?.files.filter(({ name }) => name !== file.name) ?? [];
  const files = [...others, file].sort((a, b) => (a.name < b.name ? -1 : 1));
  writeFileWhole(join(folder, RECORD_FILE), `${JSON.stringify({ version: 1, dataset, files }, null, 2)}\n`);
}

/** Notes that what is in a zip is as the publisher lists it. */
export function noteVerified(folder: string, name: string): void {
  const record = readDownloadRecord(folder);
  const file = record?.files.find((each) => each.name === name);
  if (record !== undefined && file !== undefined) recordDownload(folder, record.dataset, { ...file, verified: true });
}
