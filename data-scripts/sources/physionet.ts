import type { DatasetSource } from './dataset-source';

/** A project of PhysioNet. */
export interface PhysioNetProject {
  readonly dataset: string;
  readonly licence: string;
  /** Short name in URLs, such as `ptb-xl`. */
  readonly slug: string;
  readonly version: string;
  /** Name of its zip. */
  readonly zip: string;
  /** Bytes of the zip, about: PhysioNet's page gives them to three digits. */
  readonly zipBytes: number;
  /** Default https://physionet.org. */
  readonly origin?: string;
}

/** The list of SHA-256 that every project of PhysioNet has. */
export const SHA256_LIST = 'SHA256SUMS.txt';

/**
 * A project of PhysioNet as one zip, which stays zipped, and the list of SHA-256 of the files in it.
 *
 * File by file it would be up to 1.6 million requests. The zip itself has no checksum: what is in it has.
 */
export function physioNetProject(project: PhysioNetProject): DatasetSource {
  const { dataset, licence, slug, version, zip, zipBytes, origin = 'https://physionet.org' } = project;
  const page = `${origin}/content/${slug}/${version}/`;
  const [user, password] = ['PHYSIONET_USERNAME', 'PHYSIONET_PASSWORD'];
  return {
    dataset,
    licence,
    page,
    access: {
      kind: 'files',
      credentials: { origin, user, password },
      howToApply: `Apply at ${page}, then set ${user} and ${password}; where it still refuses, download ${zip} with your browser or with wget --user NAME --ask-password`,
      archive: { zip, list: SHA256_LIST },
      files: async () => [
        { name: SHA256_LIST, urls: [`${origin}/files/${slug}/${version}/${SHA256_LIST}`] },
        {
          name: zip,
          urls: [`${origin}/static/published-projects/${slug}/${zip}`, `${origin}/content/${slug}/get-zip/${version}/`],
          about: zipBytes,
        },
      ],
    },
  };
}
