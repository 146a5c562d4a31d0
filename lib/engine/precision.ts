import { EngineError } from './engine-error';
import { hasNativeKernels } from './native-kernels';

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

/**
 * Does some work, forward passes at least, with matrix products in a precision.
 *
 * The kit's kernels round while they copy the factors. Where the processor multiplies pairs of bfloat16 numbers
 * (AVX512-BF16 on AMD's from Zen 4 on and on Cooper Lake, AMX on Intel's from Sapphire Rapids on), they are multiplied
 * so, else in float32 and no faster. All of these give exact products, summed in float32; the order of the sums differs,
 * and so the last bits of a result, from one processor to another.
 *
 * @param work must not be asynchronous
 * @throws EngineError for `bf16` where the kit's kernels do not compute: on a GPU, and on other backends than `tensorflow`
 */
export function withPrecision<T>(precision: Precision, work: () => T): T {
  if (precision === 'bf16' && !hasNativeKernels()) {
    throw new EngineError('precision', {
      expected: "float32 (bf16 only with the kit's kernels, of the backend tensorflow on the CPU)",
      actual: precision,
    });
  }
  const before = current;
  current = precision;
  try {
    return work();
  } finally {
    current = before;
  }
}
