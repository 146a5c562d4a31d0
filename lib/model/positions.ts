/**
 * Fixed sine-cosine positions (Vaswani et al., 2017), in MAE's arrangement: the first half of a row holds the sines,
 * the second the cosines, at frequencies 10000^(-2i / dim); the row of the CLS token is zero.
 *
 * @param tokens patches of an ECG
 * @param dim width of a token, even
 * @returns `[1 + tokens, dim]`, the CLS token's row first
 */
export function sinCosPositions(tokens: number, dim: number): Float32Array {
  const half = dim / 2;
  const positions = new Float32Array((1 + tokens) * dim);
  for (let token = 0; token < tokens; token++) {
    const row = (1 + token) * dim;
    for (let i = 0; i < half; i++) {
      const angle = token / 10000 ** (i / half);
      positions[row + i] = Math.sin(angle);
      positions[row + half + i] = Math.cos(angle);
    }
  }
  return positions;
}
