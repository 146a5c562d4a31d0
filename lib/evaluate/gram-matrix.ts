import type { FeatureMatrix } from './feature-matrix';
import type { Interruptible } from './interruptible';
import { simdKernels } from './simd-kernels';

const BLOCK = 64; // rows at a time: as float64 they stay in the processor's cache
const TILE = 4; // columns by columns at a time

/**
 * The mean of x x' over rows, x having a last entry 1 for the intercept; its lower triangle. Yields between blocks of
 * rows.
 *
 * @param features [row, column]
 * @param rows which rows, at least 1
 * @returns [column + 1, column + 1], zero above the diagonal
 */
export function* gramMatrix(features: FeatureMatrix, rows: Uint32Array): Interruptible<Float64Array> {
  const { columns, values } = features;
  const size = columns + 1;
  const padded = Math.ceil(size / TILE) * TILE; // to whole tiles
  const { sums, block, addProducts } = productsOf(padded);
  for (let first = 0; first < rows.length; first += BLOCK) {
    const count = Math.min(BLOCK, rows.length - first);
    if (count < BLOCK) block.fill(0);
    for (let r = 0; r < count; r++) {
      const row = block.subarray(r * padded, r * padded + size);
      row.set(values.subarray(rows[first + r] * columns, (rows[first + r] + 1) * columns));
      row[columns] = 1;
    }
    addProducts();
    yield;
  }
  const gram = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let k = 0; k <= j; k++) gram[j * size + k] = sums[j * padded + k] / rows.length;
  }
  return gram;
}

/** Sums of products of columns of so many columns, and how to add those of a block of rows. */
interface Products {
  /** [column, column], zeros at first */
  sums: Float64Array;
  /** [row of the block, column] */
  block: Float64Array;
  /** adds the products of every two columns of the block, on and below the diagonal */
  addProducts(): void;
}

/** With SIMD where WebAssembly has it, else plain; both give the same bits. */
export function productsOf(columns: number, options: { readonly simd?: boolean } = {}): Products {
  const { simd = true } = options;
  const blockAt = columns * columns * 8;
  const end = blockAt + columns * BLOCK * 8;
  const kernels = simd ? simdKernels(columns, end) : undefined;
  if (kernels === undefined) {
    const sums = new Float64Array(columns * columns);
    const block = new Float64Array(columns * BLOCK);
    return { sums, block, addProducts: () => plainProducts(sums, block, columns) };
  }
  const sums = new Float64Array(kernels.memory, 0, columns * columns);
  const block = new Float64Array(kernels.memory, blockAt, columns * BLOCK);
  const addProducts = () => {
    for (let j = 0; j < columns; j += TILE) {
      for (let k = 0; k <= j; k += TILE) {
        kernels.products(blockAt + j * 8, end, blockAt + k * 8, (j * columns + k) * 8);
      }
    }
  };
  return { sums, block, addProducts };
}

function plainProducts(sums: Float64Array, block: Float64Array, columns: number): void {
  for (let j = 0; j < columns; j++) {
    for (let k = 0; k < j + TILE - (j % TILE); k += 2) {
      let even = 0;
      let odd = 0;
      for (let at = 0; at < block.length; at += columns) {
        even += block[at + j] * block[at + k];
        odd += block[at + j] * block[at + k + 1];
      }
      sums[j * columns + k] += even;
      sums[j * columns + k + 1] += odd;
    }
  }
}
