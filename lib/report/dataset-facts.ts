/** The six datasets, in the order of the paper's Table 6; the labelled one last. */
export const DATASET_NAMES = ['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem', 'ptb-xl'] as const;

export type DatasetName = (typeof DATASET_NAMES)[number];

/** What a dataset's publisher says of it, and where the paper says something else. */
export interface DatasetFacts {
  /** As its publisher calls it. */
  readonly title: string;
  /** Row of the paper's Table 6; undefined for PTB-XL, which has Table 7. */
  readonly paper: string | undefined;
  readonly country: string;
  /** Records of the whole release; undefined where it grows. */
  readonly records: number | undefined;
  /** Leads in the files. */
  readonly leads: number;
  /** mV that a number in the files stands for: what the publisher says. */
  readonly mvUnit: number;
  /** A sentence for each figure of the paper that is not the publisher's; keys are columns of Table 6. */
  readonly remarks: Readonly<Partial<Record<Table6Column | 'source', string>>>;
}

/** The paper's rows of Table 6, which are our columns. */
export const TABLE_6_COLUMNS = [
  'country',
  'patients',
  'samples',
  'leads',
  'mv_unit',
  'duration_s',
  'sampling_rate_hz',
] as const;

export type Table6Column = (typeof TABLE_6_COLUMNS)[number];

/** Sources: the releases named in CITATION.cff; the paper's section 3.1 and appendix A.1. */
export const DATASET_FACTS: Readonly<Record<DatasetName, DatasetFacts>> = {
  'mimic-iv-ecg': {
    title: 'MIMIC-IV-ECG',
    paper: 'MIMIC',
    country: 'USA',
    records: 800_035,
    leads: 12,
    mvUnit: 0.005,
    remarks: {
      source:
        'The paper’s appendix speaks of MIMIC-IV and cites MIMIC-III (its reference 20). The ECGs are MIMIC-IV-ECG 1.0.',
      samples:
        '800,035 is the whole release. 10,554 of its records hold invalid samples and 1,950 a lead without signal; the paper does not say that any was left out.',
    },
  },
  'code-15': {
    title: 'CODE-15 %',
    paper: 'CODE15',
    country: 'Brazil',
    records: 345_779,
    leads: 12,
    mvUnit: 1,
    remarks: {
      country: 'The paper has USA. The exams were recorded in Minas Gerais, Brazil.',
      samples:
        'The release holds 345,779 exams, as the paper’s appendix says too; its table has 341,292 and no rule that leaves out 4,487.',
      duration_s:
        'Exams last about 7 or 10 s; the files pad each to 4,096 samples (10.24 s) with zeros, which are stripped before standardising.',
    },
  },
  'uk-biobank': {
    title: 'UK Biobank',
    paper: 'BIOBANK',
    country: 'UK',
    records: undefined,
    leads: 12,
    mvUnit: 0.005,
    remarks: {
      patients:
        'The paper takes 15,365 participants from an earlier study of atrial fibrillation; 50,780 ECGs would be 3.3 of each. Field 20205 grows with every release, so today’s counts are others.',
    },
  },
  'sami-trop': {
    title: 'SaMi-Trop',
    paper: 'SAMI',
    country: 'Brazil',
    records: 1631,
    leads: 12,
    mvUnit: 1,
    remarks: {
      patients:
        'The paper has more patients (1,959) than ECGs (1,631). 1,959 is the whole cohort; the release holds one ECG of each of 1,631 patients.',
      duration_s:
        'The files pad each exam to 4,096 samples (10.24 s) with zeros; the shortest has 1,568 of its own (3.92 s).',
    },
  },
  ikem: {
    title: 'IKEM',
    paper: 'IKEM',
    country: 'Czech Republic',
    records: 98_130,
    leads: 8,
    mvUnit: 0.001,
    remarks: {
      leads: 'The files hold eight leads, I, II and V1 to V6. III, aVR, aVL and aVF follow from I and II.',
      mv_unit:
        'Sources contradict each other: .004 mV a count in the paper, .00488 in the release’s text. With these the median peak would be 7.8 or 9.5 mV, which hearts do not reach; with .001 it is 1.9 mV. The reader takes what the data support.',
      duration_s:
        'The paper has 10 s. The files hold 4,096 samples at 500 Hz, 8.192 s; 48 records hold only 2,500, 5 s.',
    },
  },
  'ptb-xl': {
    title: 'PTB-XL 1.0.3',
    paper: undefined,
    country: 'Germany',
    records: 21_799,
    leads: 12,
    mvUnit: 0.001,
    remarks: {},
  },
};

/** PTB-XL in the paper's words: appendix A.1 and Table 7. */
export const PAPER_PTB_XL: Readonly<Record<Table6Column, string>> = {
  country: '',
  patients: '18869',
  samples: '21799',
  leads: '12',
  mv_unit: '',
  duration_s: '10',
  sampling_rate_hz: '500',
};
