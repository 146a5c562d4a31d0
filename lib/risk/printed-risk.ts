import { ArgumentError } from '../errors';
import { RISK_TERMS, type RiskDecomposition } from './decompose-risk';

/**
 * Prints a decomposition so that the printed terms add up to the printed total.
 *
 * Not the terms are rounded but the risks that they lie between (r_sup, r_AF, r_AS, r_US); a term is the difference of
 * two such whole numbers of the last digit. It may differ from its own rounding by one in the last digit.
 *
 * @param decomposition from `decomposeRisk`
 * @param options.digits after the point, 1 to 15; default 4, as the paper
 * @throws ArgumentError when digits are none of these, or a term is not finite
 */
export function printedRisk(
  decomposition: RiskDecomposition,
  options: { readonly digits?: number } = {},
): Record<keyof RiskDecomposition, string> {
  const { digits = 4 } = options;
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= 15)) {
    throw new ArgumentError('digits', { expected: 'a whole number, 1 to 15', actual: String(digits) });
  }
  for (const term of RISK_TERMS) {
    if (Number.isFinite(decomposition[term])) continue;
    const actual = String(decomposition[term]);
    throw new ArgumentError('risk', { expected: 'a finite number', actual, where: { key: term } });
  }
  const printed = {} as Record<keyof RiskDecomposition, string>;
  let risk = 0;
  let before = 0;
  for (const term of RISK_TERMS) {
    risk += decomposition[term];
    const units = Math.round(risk * 10 ** digits);
    printed[term] = fixed(units - before, digits);
    before = units;
  }
  printed.total = fixed(before, digits);
  return printed;
}

/** A whole number of units of the last digit as a decimal fraction. */
function fixed(units: number, digits: number): string {
  const text = String(Math.abs(units)).padStart(digits + 1, '0');
  return `${units < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
