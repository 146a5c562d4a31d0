import { statSync } from 'node:fs';
import { ChecksumError } from '../download/download-errors';
import { shown } from '../folders';
import { byteCount, count } from '../progress-line';
import type { RawReport } from '../verify/verify-raw';
import { say } from './say';

/**
 * Tells how a publisher's files compare with the publisher's list.
 *
 * @throws ChecksumError when one is damaged or missing
 */
export function sayFindings(place: string, { against, findings }: RawReport): void {
  const { wholeFiles, wholeBytes, damagedFiles, damages, missingFiles, missingNames, leftOut } = findings;
  say(`${shown(place)}: ${count(wholeFiles)} files (${byteCount(wholeBytes)}) are as in ${against}`);
  for (const { folder, files } of leftOut) say(`  ${folder}/ is not here (${count(files)} files)`);
  for (const { name, detail } of damages) say(`  damaged: ${name}: ${detail}`);
  for (const name of missingNames) say(`  missing: ${name}`);
  const more = damagedFiles - damages.length + missingFiles - missingNames.length;
  if (more > 0) say(`  and ${count(more)} more`);
  if (damagedFiles === 0 && missingFiles === 0) return;
  const actual = [
    ...(damagedFiles > 0 ? [`${count(damagedFiles)} damaged`] : []),
    ...(missingFiles > 0 ? [`${count(missingFiles)} missing`] : []),
  ].join(' and ');
  const again = statSync(place).isFile() ? 'the file to download it' : 'those that are not to download them';
  const expected = `all whole; remove ${again} again`;
  throw new ChecksumError('publisher’s files', { expected, actual, where: { file: shown(place) } });
}
