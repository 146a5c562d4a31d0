/**
 * `float32`, or `bf16`: the factors of matrix products are rounded to bfloat16 (8 bits of mantissa), while weights,
 * sums, normalisation and everything else stay float32, as with PyTorch's autocast.
 */
export type Precision = 'float32' | 'bf16';

let current: Precision = 'float32';

/** The precision of the matrix products that are recorded now; their gradients are computed in the same. */
export function currentPrecision(): Precision {
  return current;
}

/** Does some work, forward passes at least, with matrix products in a precision. The work must not be asynchronous. */
export function withPrecision<T>(precision: Precision, work: () => T): T {
  const before = current;
  current = precision;
  try {
    return work();
  } finally {
    current = before;
  }
}
