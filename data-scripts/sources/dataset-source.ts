import type { CredentialSource } from '../download/credentials';
import type { RemoteFile } from '../download/remote-file';

/** Where a dataset comes from. */
export interface DatasetSource {
  /** Name on the command line. */
  readonly dataset: string;
  readonly licence: string;
  /** The publisher's page. */
  readonly page: string;
  readonly access: OpenAccess | RestrictedAccess;
}

/** Files that this kit can download. */
export interface OpenAccess {
  readonly kind: 'files';
  /** User and password for it, where the publisher may ask for some. */
  readonly credentials?: CredentialSource;
  /** What to do where the publisher refuses. */
  readonly howToApply?: string;
  /** One zip that stays zipped, and the list of SHA-256 of what is in it. */
  readonly archive?: { readonly zip: string; readonly list: string };
  /**
   * Its files.
   *
   * @param read gets a short text from the publisher's server
   */
  files(read: (url: string) => Promise<string>): Promise<readonly RemoteFile[]>;
}

/** Files that the publisher hands out by a tool of its own. */
export interface RestrictedAccess {
  readonly kind: 'restricted';
  /** Lines that say where to apply, and what to run then. */
  readonly instructions: readonly string[];
}
