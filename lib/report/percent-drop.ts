import type { BootstrappedMeasure } from '../metrics/bootstrap-measures';

/**
 * A loss in percent of what there was, `100 (before - after) / before`, on the test set and on each shared resample.
 *
 * @param before e.g. Criteria of a model on all labels
 * @param after the same on a part of them
 */
export function percentDrop(before: BootstrappedMeasure, after: BootstrappedMeasure): BootstrappedMeasure {
  return combined(before, after, (a, b) => (100 * (a - b)) / a);
}

/** A function of two measures, on the test set and on each shared resample. */
export function combined(
  first: BootstrappedMeasure,
  second: BootstrappedMeasure,
  of: (first: number, second: number) => number,
): BootstrappedMeasure {
  return {
    value: of(first.value, second.value),
    values: first.values.map((value, resample) => of(value, second.values[resample])),
  };
}
