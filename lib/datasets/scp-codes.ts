import { FormatError, type Where } from '../errors';
import { parsePythonLiteral } from '../io/python-literal';

/**
 * Reads a cell of PTB-XL's column `scp_codes`: a Python dict such as `{'NORM': 100.0, 'SR': 0.0}`.
 *
 * @param where file, row and record, for errors
 * @returns the likelihood of each statement, 0 to 100 by the publisher's convention
 * @throws FormatError when it is no dict of numbers
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
  if (typeof value !== 'object' || value === null || !Object.values(codes).every(Number.isFinite)) {
    const actual = `'${text.slice(0, 60)}'`;
    throw new FormatError('scp_codes', { expected: 'a likelihood, 0 to 100, for each statement', actual, where });
  }
  return codes;
}
