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
