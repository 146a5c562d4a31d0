import { KitError, type Where } from 'hybrid-ecg';

interface Details {
  expected: string;
  actual: string;
  where?: Where;
  cause?: unknown;
}

/** A file that could not be had: not there, not whole after many tries, or not what the publisher says it is. */
export class DownloadError extends KitError<'DownloadError'> {
  constructor(what: string, details: Details) {
    super('DownloadError', what, details);
  }
}

/** Data that the publisher gives to some only: says where to apply, and what to set or to run then. */
export class AccessError extends KitError<'AccessError'> {
  constructor(what: string, details: Details) {
    super('AccessError', what, details);
  }
}

/** Bytes that are not those of the publisher's list. */
export class ChecksumError extends KitError<'ChecksumError'> {
  constructor(what: string, details: Details) {
    super('ChecksumError', what, details);
  }
}
