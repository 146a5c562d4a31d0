import { ArgumentError } from '../errors';

/** @throws ArgumentError when a share of positives is not between 0 and 1, both excluded */
export function checkPrevalence(prevalence: number): void {
  if (prevalence > 0 && prevalence < 1) return;
  throw new ArgumentError('prevalence', { expected: 'a number between 0 and 1', actual: String(prevalence) });
}
