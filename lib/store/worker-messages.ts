import type { SentFault } from '../sent-fault';
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
  /** Records of a shard that are done, and rejected. */
  | { readonly shard: number; readonly done: number; readonly rejected: number }
  /** Every record of a shard is done: the next may be sent while it is written. */
  | { readonly computed: number }
  /** A shard is on disk. */
  | { readonly made: number }
  | { readonly fault: SentFault };
