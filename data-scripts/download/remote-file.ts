/** A file of a publisher. */
export interface RemoteFile {
  /** Its name in the dataset's folder. */
  readonly name: string;
  /** Where it is had; the later ones stand in where an earlier one is not found. */
  readonly urls: readonly string[];
  /** Bytes, as the publisher lists them; undefined where there is no such list. */
  readonly bytes?: number;
  /** Bytes to expect where the publisher lists none; for the check of space and the time left. */
  readonly about?: number;
  /** As the publisher lists it. */
  readonly checksum?: Checksum;
  /** A zip of files that cannot be read zipped: it is unpacked once it is whole, and removed. */
  readonly unpack?: boolean;
  /** Bytes that it unpacks to, about. */
  readonly aboutUnpacked?: number;
}

/** What a file must hash to. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  /** Hexadecimal, lower case. */
  readonly value: string;
}

/** A URL as it may be shown: without user, password, and what a signed link carries after `?`. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
