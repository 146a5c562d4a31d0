import { FormatError, type Where } from '../errors';

/** Values that a record may hold whatever the size of its files: 2^25, 32 hours of one lead at 300 Hz. */
const FREE_VALUES = 2 ** 25;
/** Values that it may hold for each one stored. */
const VALUES_EACH = 8;
/** Values that no record may hold at once, 12.9 GB: the arrays of larger ones cannot be counted on. */
const MOST_VALUES = 2 ** 31;

/**
 * Refuses a record of which a few bytes claim more values than memory should be taken for: long gaps, FLAC of one
 * constant, leads stretched to another lead's rate. Such a record can be read in ranges.
 *
 * @param values leads times samples
 * @param options.stored samples, or bytes, that the record's files hold; left out where they have not been looked at yet
 * @throws FormatError
 */
export function requireRoom(
  values: number,
  { stored, where }: { readonly stored?: number; readonly where: () => Where },
): void {
  const most = stored === undefined ? MOST_VALUES : Math.min(MOST_VALUES, Math.max(FREE_VALUES, VALUES_EACH * stored));
  if (values <= most) return;
  const held = stored === undefined ? '' : ` of files that hold ${stored}`;
  const expected = `at most ${most} at once${held} (read ranges)`;
  throw new FormatError('values of the record', { expected, actual: String(values), where: where() });
}
