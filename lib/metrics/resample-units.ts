import { ArgumentError } from '../errors';
import type { Predictions } from './predictions';

/** What a resample draws: patients with all their ECGs, or single ECGs. */
export type ResampleUnit = 'patient' | 'record';

/** [record] the index of its patient, or of itself, in the order of first appearance. */
export function resampleUnits(
  predictions: Pick<Predictions, 'recordIds' | 'patientIds'>,
  unit: ResampleUnit,
): Uint32Array {
  if (unit === 'patient') return numberGroups(predictions.patientIds);
  if (unit === 'record') return Uint32Array.from(predictions.recordIds, (_, record) => record);
  throw new ArgumentError('unit', { expected: "'patient' or 'record'", actual: String(unit) });
}

/** [record] the index of its group, in the order of first appearance. */
export function numberGroups(groups: ArrayLike<string | number>): Uint32Array {
  const numbers = new Map<string | number, number>();
  return Uint32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
