/** The encoders that are pretrained: CL, GL and HL (section 3.2 of the paper). */
export const PRETRAINING_METHODS = ['contrastive', 'generative', 'hybrid'] as const;

/** `contrastive` CL, Eq. 2; `generative` GL, Eq. 1; `hybrid` HL, Eq. 3. */
export type PretrainingMethod = (typeof PRETRAINING_METHODS)[number];

/** The four encoders that Table 1 compares: one left at its random start, three pretrained. */
export const METHODS = ['random', ...PRETRAINING_METHODS] as const;

/** A pretraining method, or `random`: no pretraining. */
export type Method = (typeof METHODS)[number];
