import type { DatasetFormat } from '../dataset';
import { openPtbXl } from '../ptb-xl';

/** The synthetic cohort as `writeSyntheticCohort` writes it, in PTB-XL's layout. */
export const synthetic: DatasetFormat = {
  name: 'synthetic',
  title: 'synthetic cohort: about 1,200 ECGs of no person, for tests and first runs',
  open: (folder, options) => openPtbXl(folder, { ...options, name: 'synthetic' }),
};
