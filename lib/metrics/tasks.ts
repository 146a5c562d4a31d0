/** The four diagnostic superclasses of PTB-XL that the paper classifies, each as a binary task; in the order of its tables. */
export const TASKS = ['MI', 'STTC', 'CD', 'HYP'] as const;

/** Myocardial infarction, ST/T change, conduction disturbance, hypertrophy. */
export type Task = (typeof TASKS)[number];
