/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's factorisation.
 *
 * @param matrix [size, size], its lower triangle, row by row; overwritten by the factor L, A = L L'
 * @param size rows and columns of A
 * @returns a function from b to x, [size] each; b is left as it is
 */
export function choleskySolver(matrix: Float64Array, size: number): (b: Float64Array) => Float64Array {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = matrix[i * size + j] - dotRows(matrix, i * size, j * size, j);
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j];
    }
  }
  return (b) => {
    const x = b.slice();
    for (let i = 0; i < size; i++) {
      let sum = x[i];
      for (let k = 0; k < i; k++) sum -= matrix[i * size + k] * x[k];
      x[i] = sum / matrix[i * size + i];
    }
    for (let i = size - 1; i >= 0; i--) {
      x[i] /= matrix[i * size + i];
      for (let k = 0; k < i; k++) x[k] -= matrix[i * size + k] * x[i]; // by rows of L: it lies row by row
    }
    return x;
  };
}

/** The product of the first `count` entries of two rows, in four running sums. */
function dotRows(matrix: Float64Array, a: number, b: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= count; k += 4) {
    s0 += matrix[a + k] * matrix[b + k];
    s1 += matrix[a + k + 1] * matrix[b + k + 1];
    s2 += matrix[a + k + 2] * matrix[b + k + 2];
    s3 += matrix[a + k + 3] * matrix[b + k + 3];
  }
  for (; k < count; k++) s0 += matrix[a + k] * matrix[b + k];
  return s0 + s1 + (s2 + s3);
}
