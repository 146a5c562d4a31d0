import { ArgumentError } from '../errors';
import { LEADS, SAMPLES } from '../signal/leads';

/** What decides the shape of a 1-D Vision Transformer encoder (section 3.3, RQ1, of the paper). */
export interface Architecture {
  /** Samples a patch; the paper's grid: 60, 125, 250. */
  readonly patchSize: number;
  /** Transformer blocks; the paper's grid: 2, 4, 8. */
  readonly blockDepth: number;
  /** Width of a token; the paper's grid: 256, 512, 1024. A multiple of `headDim`. */
  readonly embeddingSize: number;
  /** Width of an attention head; default 64 (MAE, ST-MEM). */
  readonly headDim?: number;
  /** Hidden width of the MLP over `embeddingSize`; default 4. */
  readonly mlpRatio?: number;
}

/** An architecture with its defaults filled in and what follows from them. */
export interface ResolvedArchitecture extends Required<Architecture> {
  readonly heads: number;
  /** Patches that cover an ECG; the last one is padded where 2500 is no multiple of the patch size (60: 42 patches). */
  readonly patches: number;
  /** Values of one patch: 12 leads x patch size. */
  readonly patchValues: number;
}

/** Fills in the defaults. @throws ArgumentError for a size that is no positive integer or does not divide into heads */
export function resolveArchitecture(architecture: Architecture): ResolvedArchitecture {
  const { patchSize, blockDepth, embeddingSize, headDim = 64, mlpRatio = 4 } = architecture;
  for (const [key, value] of Object.entries({ patchSize, blockDepth, embeddingSize, headDim, mlpRatio })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ArgumentError('architecture', {
        expected: 'a positive integer',
        actual: String(value),
        where: { key },
      });
    }
  }
  if (patchSize > SAMPLES || embeddingSize % headDim !== 0) {
    throw new ArgumentError('architecture', {
      expected: `patchSize <= ${SAMPLES} and an embeddingSize that is a multiple of headDim ${headDim}`,
      actual: `patchSize ${patchSize}, embeddingSize ${embeddingSize}`,
    });
  }
  return {
    patchSize,
    blockDepth,
    embeddingSize,
    headDim,
    mlpRatio,
    heads: embeddingSize / headDim,
    patches: Math.ceil(SAMPLES / patchSize),
    patchValues: LEADS.length * patchSize,
  };
}

/** The architecture in the paper's words: `60/2/512` is patch size, block depth, embedding size. */
export function architectureName({ patchSize, blockDepth, embeddingSize }: Architecture): string {
  return `${patchSize}/${blockDepth}/${embeddingSize}`;
}
