import { zenodoRecord } from './zenodo';

/** CODE-15 %: `exams.csv` and 18 zips, each with one HDF5 file of up to 3.9 GB (68 GB together). */
export const code15Source = zenodoRecord({ dataset: 'code-15', licence: 'CC BY 4.0', record: 4916206 });
