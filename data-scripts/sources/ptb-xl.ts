import { physioNetProject } from './physionet';

/** PTB-XL 1.0.3: open, a zip of 1.7 GB (3 GB unpacked). */
export const ptbXlSource = physioNetProject({
  dataset: 'ptb-xl',
  licence: 'CC BY 4.0',
  slug: 'ptb-xl',
  version: '1.0.3',
  zip: 'ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3.zip',
  zipBytes: 1.7e9,
});
