/** The five diagnostic superclasses of PTB-XL; the four besides `NORM` are the paper's tasks. */
export const SUPERCLASSES = ['NORM', 'MI', 'STTC', 'CD', 'HYP'] as const;

/** NORM: normal; MI: infarction; STTC: ST/T change; CD: conduction disturbance; HYP: hypertrophy. */
export type Superclass = (typeof SUPERCLASSES)[number];
