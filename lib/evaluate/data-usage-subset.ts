import { ArgumentError } from '../errors';
import type { Task } from '../metrics/tasks';
import { type LabelledPatients, patientsFor, stratifiedPatients } from './stratified-patients';

/**
 * Draws a share of the training ECGs, stratified over the combinations of labels, with all ECGs of a patient or none
 * (Table 5 of the paper: 50, 25 and 10 %).
 *
 * The seed puts the patients into one stratified order, of which a share takes the first: so the 10 % are among the
 * 25 %, these among the 50 %. The number of ECGs is the share's to within half of a patient's.
 *
 * @param ecgs labels and patients of the training ECGs
 * @param options.share in (0, 1]
 * @param options.seed which ECGs
 * @returns positions, ascending
 * @throws ArgumentError when the share is not in (0, 1] or too small for one patient, there is no row, a task has not one
 *   label a row, or a patient id is missing
 */
export function dataUsageSubset<Name extends string = Task>(
  ecgs: LabelledPatients<Name>,
  { share, seed }: { share: number; seed: number },
): Int32Array {
  if (!(share > 0 && share <= 1)) {
    throw new ArgumentError('data usage', { expected: 'a share in (0, 1]', actual: String(share) });
  }
  const patients = stratifiedPatients(ecgs, { seed, name: 'data usage' });
  const count = patientsFor(share * ecgs.patientIds.length, patients);
  if (count === 0) {
    const actual = `none: even one patient's ECGs are more than ${share} of ${ecgs.patientIds.length}`;
    throw new ArgumentError('data usage', { expected: 'ECGs to train on', actual });
  }
  return Int32Array.from(patients.slice(0, count).flat()).sort();
}
