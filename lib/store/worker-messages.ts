import * as errors from '../errors';
import { KitError } from '../errors';
import type { StorePlan } from './store-plan';

/** How a process opens a dataset: by a function of a CommonJS module, or by the format of the kit that has its name. */
export interface DatasetOpener {
  /** Module that exports a function which gives the dataset or a promise of it; default the kit's own formats. */
  readonly module?: string;
  /** Name of the function, or of the format. */
  readonly name: string;
  /** What it is called with: JSON; of a format, the folder and the options. */
  readonly arguments: readonly unknown[];
}

/** What a worker process must know before its first shard. */
export interface WorkerSettings {
  readonly folder: string;
  readonly opener: DatasetOpener;
  readonly plan: StorePlan;
  /** Name of the lock that it holds as long as it lives. */
  readonly lock: string;
}

/** To a worker: its settings first, then a shard at a time. */
export type WorkerOrder = { readonly settings: WorkerSettings } | { readonly shard: number };

/** From a worker. */
export type WorkerAnswer =
  | { readonly ready: true }
  /** Records of the shard at hand that are done, and rejected. */
  | { readonly done: number; readonly rejected: number }
  | { readonly made: number; readonly rejected: number }
  | { readonly fault: SentFault };

/** An error by its fields; `tag` is undefined for a fault of the program. */
export interface SentFault {
  readonly tag: string | undefined;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly where: KitError['where'];
}

export function sentFault(error: unknown): SentFault {
  if (!(error instanceof KitError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { tag: undefined, message, expected: '', actual: '', where: {} };
  }
  const { tag, message, expected, actual, where } = error;
  return { tag, message, expected, actual, where };
}

/** The error of a fault: of the class that it had, with its message. */
export function receivedFault({ tag, message, expected, actual, where }: SentFault): Error {
  if (tag === undefined) return new Error(message);
  const classes = errors as unknown as Record<string, new (what: string, details: object) => KitError>;
  const details = { expected, actual, where };
  const error = tag in classes ? new classes[tag](message, details) : new KitError(tag, message, details);
  return Object.assign(error, { message });
}
