import { code15 } from '../code-15';
import type { DatasetFormat } from '../dataset';
import { ikem } from '../ikem';
import { mimicIvEcg } from '../mimic-iv-ecg';
import { openPtbXl, ptbXl } from '../ptb-xl';
import { samiTrop } from '../sami-trop';
import { ukBiobank } from '../uk-biobank';
import type { SyntheticCohort, SyntheticCohortOptions } from './cohort-note';
import { writeSyntheticCode15 } from './synthetic-code-15';
import { writeSyntheticCohort } from './synthetic-cohort';
import { writeSyntheticIkem } from './synthetic-ikem';
import { writeSyntheticMimicIvEcg } from './synthetic-mimic-iv-ecg';
import { writeSyntheticSamiTrop } from './synthetic-sami-trop';
import { writeSyntheticUkBiobank } from './synthetic-uk-biobank';

/** The part of the synthetic cohort in one publisher's format. */
export interface SyntheticPart {
  /** How it is read: as the publisher's dataset, under another name, which its folders carry too. */
  readonly format: DatasetFormat;
  /** Whose format it has, in words. */
  readonly publisher: string;
  write(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort>;
}

/** The largest part, which the profile `tiny` learns from and is tested on, as `writeSyntheticCohort` writes it. */
export const synthetic: DatasetFormat = {
  name: 'synthetic',
  title: 'synthetic cohort: about 1,200 ECGs of no person, for tests and first runs',
  options: ptbXl.options,
  open: (folder, options) => openPtbXl(folder, { ...options, name: 'synthetic' }),
};

/** The synthetic cohort in all six formats. */
export const SYNTHETIC_PARTS: readonly SyntheticPart[] = [
  { format: synthetic, publisher: 'PTB-XL', write: writeSyntheticCohort },
  { format: renamed(mimicIvEcg, 'MIMIC-IV-ECG'), publisher: 'MIMIC-IV-ECG', write: writeSyntheticMimicIvEcg },
  { format: renamed(code15, 'CODE-15 %'), publisher: 'CODE-15 %', write: writeSyntheticCode15 },
  { format: renamed(ukBiobank, 'UK Biobank'), publisher: 'UK Biobank', write: writeSyntheticUkBiobank },
  { format: renamed(samiTrop, 'SaMi-Trop'), publisher: 'SaMi-Trop', write: writeSyntheticSamiTrop },
  { format: renamed(ikem, 'IKEM'), publisher: 'IKEM', write: writeSyntheticIkem },
];

function renamed(format: DatasetFormat, publisher: string): DatasetFormat {
  const name = `synthetic-${format.name}`;
  return {
    name,
    title: `synthetic cohort in ${publisher}’s format: about 40 ECGs`,
    options: format.options,
    async open(path, options) {
      const opened = await format.open(path, options);
      const { folder, choices, rows } = opened;
      return {
        name,
        folder,
        choices,
        rows,
        read: (row) => ({ ...opened.read(row), dataset: name }),
        requireRoom: (processes) => opened.requireRoom?.(processes),
        close: () => opened.close?.(),
      };
    },
  };
}
