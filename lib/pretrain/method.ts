/** The four encoders that Table 1 compares: one left at its random start, three pretrained (section 3.2 of the paper). */
export const METHODS = ['random', 'contrastive', 'generative', 'hybrid'] as const;

/** `random`: no pretraining; `contrastive` CL, Eq. 2; `generative` GL, Eq. 1; `hybrid` HL, Eq. 3. */
export type Method = (typeof METHODS)[number];
