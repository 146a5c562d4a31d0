import type { DatasetSource } from './dataset-source';

/**
 * UK Biobank's ECGs at rest, field 20205: for approved projects only, by UK Biobank's own tool ukbfetch
 * (biobank.ctsu.ox.ac.uk/crystal/ukb/docs/ukbfetch_instruct.html).
 */
export const ukBiobankSource: DatasetSource = {
  dataset: 'uk-biobank',
  licence: 'UK Biobank Material Transfer Agreement',
  page: 'https://biobank.ndph.ox.ac.uk/ukb/field.cgi?id=20205',
  access: {
    kind: 'restricted',
    instructions: [
      'Apply at https://www.ukbiobank.ac.uk/enable-your-research/apply-for-access, with field 20205 in the basket.',
      'Once approved, take the utilities of https://biobank.ndph.ox.ac.uk/ukb/download.cgi. UK Biobank sends a key file',
      'with project number and password: keep it out of this checkout, and its path in UKB_KEYFILE. Then, in',
      'data/raw/uk-biobank:',
      '  ukbconv ukbNNNNN.enc_ukb bulk -s20205              lists the files in ukbNNNNN.bulk',
      '  ukbfetch -bukbNNNNN.bulk -a"$UKB_KEYFILE"          gets them (-s and -m: a stretch of the list)',
      'On UK Biobank’s Research Analysis Platform instead: dx download -r "Bulk/Electrocardiogram/Resting/"',
      'Last: npm run data -- standardise uk-biobank',
    ],
  },
};
