import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of a set of real ECGs in its publisher's layout, or undefined where there is none.
 *
 * `HYBRID_ECG_REAL_DATA` names the folder that holds the sets, one folder a name.
 */
export function realData(name: 'ptb-xl-100hz' | 'ptb-xl-500hz-500' | 'code-15' | 'wfdb-samples'): string | undefined {
  const sets = process.env.HYBRID_ECG_REAL_DATA;
  if (sets === undefined) return undefined;
  const folder = join(sets, name);
  return existsSync(folder) ? folder : undefined;
}
