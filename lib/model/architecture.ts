import { ArgumentError } from '../errors';
import { LEADS, SAMPLES } from '../signal/leads';

/** What decides the shape of a 1-D Vision Transformer encoder (section 3.3, RQ1, of the paper). */
export interface Architecture {
  /** Samples a patch; the paper's grid: 60, 125, 250. */
  readonly patchSize: number;
  /** Transformer blocks; the paper's grid: 2, 4, 8. */
  readonly blockDepth: number;
  /** Width of a token, even; the paper's grid: 256, 512, 1024. A multiple of `headDim`. */
  readonly embeddingSize: number;
  /** Width of an attention head; default 64 (MAE, ST-MEM). */
  readonly headDim?: number;
  /** Hidden width of the MLP over `embeddingSize`; default 4. */
  readonly mlpRatio?: number;
  /**
   * What becomes of the samples after the last whole patch, 40 of 2500 with patches of 60: they and zeros make one patch
   * more (`pad`, default: 42 patches), or they are left out (`crop`: 41).
   */
  readonly remainder?: 'pad' | 'crop';
}

/** An architecture with its defaults filled in and what follows from them. */
export interface ResolvedArchitecture extends Required<Omit<Architecture, 'remainder'>> {
  /** Only where it is not the default. */
  readonly remainder?: 'crop';
  readonly heads: number;
  /** Patches of an ECG. */
  readonly patches: number;
  /** Values of one patch: 12 leads x patch size. */
  readonly patchValues: number;
}

/**
 * Fills in the defaults.
 *
 * @param options.of whose architecture it is, for errors
 * @throws ArgumentError for a size that is no positive integer, is odd as a width, or does not divide into heads
 */
export function resolveArchitecture(
  architecture: Architecture,
  { of = 'architecture' }: { of?: string } = {},
): ResolvedArchitecture {
  const { patchSize, blockDepth, embeddingSize, headDim = 64, mlpRatio = 4, remainder = 'pad' } = architecture;
  for (const [key, value] of Object.entries({ patchSize, blockDepth, embeddingSize, headDim, mlpRatio })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ArgumentError(of, {
        expected: 'a positive integer',
        actual: String(value),
        where: { key },
      });
    }
  }
  if (patchSize > SAMPLES || embeddingSize % headDim !== 0 || embeddingSize % 2 !== 0) {
    throw new ArgumentError(of, {
      expected: `patchSize <= ${SAMPLES} and an even embeddingSize that is a multiple of headDim ${headDim}`,
      actual: `patchSize ${patchSize}, embeddingSize ${embeddingSize}`,
    });
  }
  if (remainder !== 'pad' && remainder !== 'crop') {
    throw new ArgumentError(of, {
      expected: "'pad' or 'crop'",
      actual: String(remainder),
      where: { key: 'remainder' },
    });
  }
  return {
    patchSize,
    blockDepth,
    embeddingSize,
    headDim,
    mlpRatio,
    heads: embeddingSize / headDim,
    patches: countPatches(SAMPLES, { patchSize, remainder }),
    ...(remainder === 'crop' ? { remainder } : {}),
    patchValues: LEADS.length * patchSize,
  };
}

/** Patches that so many samples are cut into. */
export function countPatches(
  samples: number,
  { patchSize, remainder }: Pick<Architecture, 'patchSize' | 'remainder'>,
): number {
  return remainder === 'crop' ? Math.floor(samples / patchSize) : Math.ceil(samples / patchSize);
}

/** The architecture in the paper's words: `60/2/512` is patch size, block depth, embedding size. */
export function architectureName({ patchSize, blockDepth, embeddingSize }: Architecture): string {
  return `${patchSize}/${blockDepth}/${embeddingSize}`;
}
