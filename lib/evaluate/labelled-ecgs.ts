import { createHash } from 'node:crypto';
import { ArgumentError } from '../errors';
import type { Task } from '../metrics/tasks';
import type { EcgSource } from '../pretrain/ecg-source';

/** ECGs with their diagnoses. */
export interface LabelledEcgs<Name extends string = Task> {
  /** All of it is meant; `storeSource(store, rows)` takes some of a store. */
  readonly source: EcgSource;
  /** `[ECG of the source]` a task, 1 where the diagnosis is present, else 0 */
  readonly labels: Readonly<Record<Name, Uint8Array>>;
}

/**
 * Checks that a set can be learnt from or judged by.
 *
 * @param options name: training or validation, for the errors; tasks: those that need labels
 * @throws ArgumentError when there is no ECG, a task has not one label an ECG, or a label is not 0 or 1, or all are alike
 */
export function checkLabelledEcgs<Name extends string>(
  { source, labels }: LabelledEcgs<Name>,
  { name, tasks }: { name: string; tasks: readonly Name[] },
): void {
  const count = source.recordIds.length;
  const refuse = (what: string, expected: string, actual: string): never => {
    throw new ArgumentError(`${what} of the ${name} set`, { expected, actual });
  };
  if (count === 0) refuse('ECGs', 'at least one', 'none');
  for (const task of tasks) {
    const ofTask = labels[task];
    if (ofTask?.length !== count) refuse(`labels of ${task}`, `${count}, one an ECG`, String(ofTask?.length ?? 'none'));
    const wrong = ofTask.find((label) => label > 1);
    if (wrong !== undefined) refuse(`labels of ${task}`, '0 or 1', String(wrong));
    const positives = ofTask.reduce((sum, label) => sum + label, 0);
    if (positives > 0 && positives < count) continue;
    refuse(`labels of ${task}`, 'both classes', `one class only (${positives} positives among ${count} ECGs)`);
  }
}

/** SHA-256 over records and labels: two sets of equal hashes are the same to a training. */
export function hashOfLabelledEcgs<Name extends string>(
  { source, labels }: LabelledEcgs<Name>,
  tasks: readonly Name[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(source.recordIds));
  for (const task of tasks) hash.update(labels[task]);
  return hash.digest('hex');
}
