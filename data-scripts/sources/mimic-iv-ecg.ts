import { physioNetProject } from './physionet';

/** MIMIC-IV-ECG 1.0: open, unlike MIMIC-IV's clinical tables; a zip of 33.8 GB (90.4 GB unpacked). */
export const mimicIvEcgSource = physioNetProject({
  dataset: 'mimic-iv-ecg',
  licence: 'ODbL 1.0',
  slug: 'mimic-iv-ecg',
  version: '1.0',
  zip: 'mimic-iv-ecg-diagnostic-electrocardiogram-matched-subset-1.0.zip',
  zipBytes: 33.8e9,
});
