import { ArgumentError } from '../errors';
import type { Task } from '../metrics/tasks';
import { checkFeatures, type FeatureMatrix } from './feature-matrix';

/** The features of a set of records and their labels in each task. */
export interface ProbeSet<Name extends string = Task> {
  features: FeatureMatrix;
  /** [row] a task, 1 or 0 */
  labels: Readonly<Record<Name, Uint8Array>>;
}

/**
 * Checks that a set's parts fit together.
 *
 * @param set of what
 * @param options name: training, validation or test, for the errors; tasks; columns: how many features are expected
 * @throws ArgumentError when a length is wrong, a feature is NaN or infinite (with its row and column), or a label is
 *   not 0 or 1
 */
export function checkProbeSet<Name extends string>(
  { features, labels }: ProbeSet<Name>,
  options: { readonly name: string; readonly tasks: readonly Name[]; readonly columns?: number },
): void {
  const { name, tasks } = options;
  checkFeatures(features, { of: `the ${name} set`, columns: options.columns });
  const { rows } = features;
  const refuse = (what: string, expected: string, actual: string, row?: number): never => {
    throw new ArgumentError(`${what} of the ${name} set`, { expected, actual, where: { row } });
  };
  for (const task of tasks) {
    const ofTask = labels[task];
    if (ofTask?.length !== rows) refuse(`labels of ${task}`, `${rows}, one per row`, String(ofTask?.length ?? 'none'));
    const wrong = ofTask.findIndex((label) => label !== 0 && label !== 1);
    if (wrong >= 0) refuse(`labels of ${task}`, '0 or 1', String(ofTask[wrong]), wrong);
  }
}

/**
 * Checks that a task's labels are of both classes, without which nothing can be learnt.
 *
 * @throws ArgumentError that names the task
 */
export function checkBothClasses(labels: Uint8Array, task: string): void {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives > 0 && positives < labels.length) return;
  const actual = `one class only (${positives} positives among ${labels.length} records)`;
  throw new ArgumentError(`labels of ${task} of the training set`, { expected: 'both classes', actual });
}
