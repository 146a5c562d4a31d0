import type { FeatureMatrix } from './feature-matrix';

const BLOCK = 64; // rows at a time: their columns, as float64, stay in the processor's cache

/**
 * The mean of x x' over rows, x having a last entry 1 for the intercept; its lower triangle.
 *
 * @param features [row, column]
 * @param rows which rows, at least 1
 * @returns [column + 1, column + 1], zero above the diagonal
 */
export function gramMatrix(features: FeatureMatrix, rows: Uint32Array): Float64Array {
  const { columns, values } = features;
  const size = columns + 1;
  const padded = Math.ceil(size / 4) * 4; // to whole tiles
  const sums = new Float64Array(padded * padded);
  const block = new Float64Array(padded * BLOCK); // [column, row]
  for (let first = 0; first < rows.length; first += BLOCK) {
    const count = Math.min(BLOCK, rows.length - first);
    if (count < BLOCK) block.fill(0);
    for (let r = 0; r < count; r++) {
      const at = rows[first + r] * columns;
      for (let j = 0; j < columns; j++) block[j * BLOCK + r] = values[at + j];
      block[columns * BLOCK + r] = 1;
    }
    addProducts(sums, padded, block);
  }
  const gram = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k <= j; k++) gram[j * size + k] = sums[j * padded + k] / rows.length;
  }
  return gram;
}

/** Adds the products of every two columns of the block, in tiles of 2 x 4: six loads for eight products. */
function addProducts(sums: Float64Array, size: number, block: Float64Array): void {
  for (let j = 0; j < size; j += 2) {
    for (let k = 0; k <= j; k += 4) {
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      const a = j * BLOCK;
      const b = a + BLOCK;
      const c = k * BLOCK;
      for (let r = 0; r < BLOCK; r++) {
        const x = block[a + r];
        const y = block[b + r];
        const t = block[c + r];
        const u = block[c + BLOCK + r];
        const v = block[c + 2 * BLOCK + r];
        const w = block[c + 3 * BLOCK + r];
        a0 += x * t;
        a1 += x * u;
        a2 += x * v;
        a3 += x * w;
        b0 += y * t;
        b1 += y * u;
        b2 += y * v;
        b3 += y * w;
      }
      const at = j * size + k;
      sums[at] += a0;
      sums[at + 1] += a1;
      sums[at + 2] += a2;
      sums[at + 3] += a3;
      sums[at + size] += b0;
      sums[at + size + 1] += b1;
      sums[at + size + 2] += b2;
      sums[at + size + 3] += b3;
    }
  }
}
