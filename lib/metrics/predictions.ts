import type { Task } from './tasks';

/** What one classifier says of each ECG of a test set, beside the truth. */
export interface Predictions {
  /** [record] */
  recordIds: readonly string[];
  /** [record] whose ECG it is: intervals resample patients, since the ECGs of one patient are alike */
  patientIds: readonly string[];
  /** [record] a task, 1 where the diagnosis is present, else 0 */
  labels: Record<Task, Uint8Array>;
  /** [record] a task, any real number that rises with the diagnosis' likelihood: a logit or a probability */
  scores: Record<Task, Float64Array>;
}
