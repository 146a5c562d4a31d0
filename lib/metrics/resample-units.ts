import { ArgumentError } from '../errors';
import { numberGroups } from '../identity';
import type { Predictions } from './predictions';

/** What a resample draws: patients with all their ECGs, or single ECGs. */
export type ResampleUnit = 'patient' | 'record';

/** [record] the index of its patient, or of itself, in the order of first appearance. */
export function resampleUnits(
  predictions: Pick<Predictions, 'recordIds' | 'patientIds'>,
  unit: ResampleUnit,
): Uint32Array {
  if (unit === 'patient') return numberGroups(predictions.patientIds, 'patient id');
  if (unit === 'record') return Uint32Array.from(predictions.recordIds, (_, record) => record);
  throw new ArgumentError('unit', { expected: "'patient' or 'record'", actual: String(unit) });
}
