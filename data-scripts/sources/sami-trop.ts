import { zenodoRecord } from './zenodo';

/** SaMi-Trop: `exams.csv`, and `exams.zip` with one HDF5 file. */
export const samiTropSource = zenodoRecord({ dataset: 'sami-trop', licence: 'CC BY 4.0', record: 4905618 });
