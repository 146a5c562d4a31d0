import { zenodoRecord } from './zenodo';

/** IKEM 1.0.0: `exams.csv` and three HDF5 files, 6.3 GB (doi 10.5281/zenodo.8393007). */
export const ikemSource = zenodoRecord({ dataset: 'ikem', licence: 'CC BY-NC-ND 4.0', record: 8393007 });
