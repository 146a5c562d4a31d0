import type { Backend } from '../engine/use-engine';
import type { Progress } from '../progress';
import type { SentFault } from '../sent-fault';
import type { StudyOpening } from './open-context';

/** To a worker: the study first, then a job at a time, by the name of its run. */
export type JobOrder =
  | { readonly opening: StudyOpening; readonly backend: Backend; readonly threads: number }
  | { readonly run: string };

/** From a worker. */
export type JobAnswer =
  | { readonly ready: true }
  | { readonly progress: Progress }
  /** Run of a job that is done. */
  | { readonly finished: string }
  | { readonly fault: SentFault };
