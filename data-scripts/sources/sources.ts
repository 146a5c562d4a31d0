import { code15Source } from './code-15';
import type { DatasetSource } from './dataset-source';
import { ikemSource } from './ikem';
import { mimicIvEcgSource } from './mimic-iv-ecg';
import { ptbXlSource } from './ptb-xl';
import { samiTropSource } from './sami-trop';
import { ukBiobankSource } from './uk-biobank';

/** Where the six datasets come from. */
export const SOURCES: readonly DatasetSource[] = [
  ptbXlSource,
  mimicIvEcgSource,
  code15Source,
  samiTropSource,
  ikemSource,
  ukBiobankSource,
];
