import { prettifyError, z } from 'zod';
import { DownloadError } from '../download/download-errors';
import type { RemoteFile } from '../download/remote-file';
import type { DatasetSource } from './dataset-source';

/** A record of Zenodo. */
export interface ZenodoRecord {
  readonly dataset: string;
  readonly licence: string;
  readonly record: number;
  /** How much larger its zips are once unpacked, about; default 1.5. */
  readonly inflation?: number;
  /** Default https://zenodo.org. */
  readonly origin?: string;
}

const answer = z.object({
  files: z
    .array(
      z.object({
        key: z.string().regex(/^[^/\\]+$/, 'expected a file name'),
        size: z.int().min(0),
        checksum: z.string().regex(/^md5:[0-9a-f]{32}$/, 'expected md5:…'),
      }),
    )
    .min(1),
});

/**
 * All files of a record of Zenodo, with the sizes and MD5 sums that its API lists (developers.zenodo.org). Zips, which
 * hold HDF5 files here, are to be unpacked: HDF5 is read in slices, and a slice of a compressed file is none.
 */
export function zenodoRecord(source: ZenodoRecord): DatasetSource {
  const { dataset, licence, record, inflation = 1.5, origin = 'https://zenodo.org' } = source;
  const api = `${origin}/api/records/${record}`;
  return {
    dataset,
    licence,
    page: `${origin}/records/${record}`,
    access: {
      kind: 'files',
      files: async (read) => {
        return parse(await read(api), api).map(({ key, size, checksum }): RemoteFile => {
          const name = encodeURIComponent(key);
          const unpack = key.endsWith('.zip');
          return {
            name: key,
            urls: [`${api}/files/${name}/content`, `${origin}/records/${record}/files/${name}?download=1`],
            bytes: size,
            checksum: { algorithm: 'md5', value: checksum.slice('md5:'.length) },
            ...(unpack ? { unpack, aboutUnpacked: inflation * size } : {}),
          };
        });
      },
    },
  };
}

function parse(text: string, api: string): z.infer<typeof answer>['files'] {
  const where = { file: api };
  const expected = 'Zenodo’s JSON with files, each with key, size and checksum';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DownloadError('list of files', { expected, actual: (cause as Error).message, where, cause });
  }
  const parsed = answer.safeParse(json);
  if (parsed.success) return parsed.data.files;
  throw new DownloadError('list of files', { expected, actual: prettifyError(parsed.error), where });
}
