import { READOUT_NAMES, type Readout } from '../evaluate/readout';
import type { ProbeName } from './probed-model';

/** A probe as titles name it: 'tuned probe', 'tuned probe on the mean token of the last layer'. */
export function probeInWords(probe: ProbeName, readout?: Readout): string {
  return readout === undefined ? `${probe} probe` : `${probe} probe on the ${READOUT_NAMES[readout]}`;
}
