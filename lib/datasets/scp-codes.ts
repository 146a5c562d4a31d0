import { FormatError, type Where } from '../errors';
import { parsePythonLiteral } from '../io/python-literal';

/**
 * Reads a cell of PTB-XL's column `scp_codes`: a Python dict such as `{'NORM': 100.0, 'SR': 0.0}`.
 *
 * @param where file, row and record, for errors
 * @returns the likelihood of each statement, 0 to 100: 0 where the report gave none
 * @throws FormatError when it is no dict of such numbers
 */
export function parseScpCodes(text: string, where: Where): Record<string, number> {
  let value: unknown;
  try {
    value = parsePythonLiteral(text);
  } catch (cause) {
    const actual = `'${text.slice(0, 60)}'`;
    throw new FormatError('scp_codes', { expected: "a dict such as {'NORM': 100.0}", actual, where, cause });
  }
  const codes = value as Record<string, number>;
  const isDict = typeof value === 'object' && value !== null && !Array.isArray(value);
  // NaN is within no bounds, and a text compares like a number
  const isLikelihood = (likelihood: unknown) => typeof likelihood === 'number' && likelihood >= 0 && likelihood <= 100;
  if (!isDict || !Object.values(codes).every(isLikelihood)) {
    const actual = `'${text.slice(0, 60)}'`;
    throw new FormatError('scp_codes', { expected: 'a likelihood, 0 to 100, for each statement', actual, where });
  }
  return codes;
}
