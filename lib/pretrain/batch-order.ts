import type { SentFault } from '../sent-fault';
import type { StoreManifest } from '../store/manifest';
import type { AugmentationOptions } from './augmentation';

/** What the worker must know before its first batch. */
export interface BatchWorkerSettings {
  readonly stores: readonly { readonly folder: string; readonly manifest: StoreManifest }[];
  readonly seed: number;
  readonly augmentation: AugmentationOptions | undefined;
}

/** A batch in the making: the worker fills the arrays and sends them back, each way without a copy. */
export interface BatchOrder {
  readonly step: number;
  /** Which of the stores each ECG lies in, by number. */
  readonly storeOf: Int32Array;
  /** Its row there. */
  readonly rows: Int32Array;
  /** `[batch, lead, sample]`, mV */
  readonly ecgs: Float32Array;
  /** `[2 * batch, lead, sample]`; undefined for a method that takes no views. */
  readonly views: Float32Array | undefined;
}

/** The batch, filled, or what went wrong in the worker. */
export type BatchAnswer = BatchOrder | { readonly fault: SentFault };

/** What is handed over with a batch. */
export function buffersOf({ ecgs, views }: BatchOrder): ArrayBuffer[] {
  return [ecgs, views].flatMap((array) => (array === undefined ? [] : [array.buffer as ArrayBuffer]));
}
