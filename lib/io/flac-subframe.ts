import type { BitReader } from './bit-reader';

/**
 * Decodes one channel of a FLAC frame: constant, verbatim, or predicted (RFC 9639, sections 9.2 and 9.3).
 *
 * Predictions are sums of at most 32 products of 15-bit coefficients and 32-bit samples: exact in a double.
 *
 * @param bits stands at the subframe, and is left behind it
 * @param output takes the samples; its length is the block's
 * @param depth bits of a sample
 * @returns what is wrong with it; undefined when nothing is
 */
export function decodeFlacSubframe(bits: BitReader, output: Int32Array, depth: number): string | undefined {
  if (bits.unsigned(1) !== 0) return 'a first bit of 1';
  const type = bits.unsigned(6);
  const wasted = bits.unsigned(1) === 0 ? 0 : bits.zeros() + 1;
  const width = depth - wasted;
  if (width < 1 || width > 32) return `${wasted} wasted bits of ${depth}`;
  let fault: string | undefined;
  if (type === 0) output.fill(bits.signed(width));
  else if (type === 1) for (let i = 0; i < output.length; i++) output[i] = bits.signed(width);
  else if (type >= 8 && type <= 12) fault = fixedPrediction(bits, output, { order: type - 8, width });
  else if (type >= 32) fault = linearPrediction(bits, output, { order: type - 31, width });
  else fault = `the reserved type ${type}`;
  if (wasted > 0) for (let i = 0; i < output.length; i++) output[i] <<= wasted;
  return fault;
}

/** Coefficients of the fixed predictors, of the sample before first. */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

interface Predictor {
  readonly order: number;
  /** Bits of a warm-up sample. */
  readonly width: number;
}

function fixedPrediction(bits: BitReader, output: Int32Array, { order, width }: Predictor): string | undefined {
  const fault = warmUp(bits, output, { order, width });
  if (fault !== undefined) return fault;
  return residual(bits, output, order) ?? predict(output, FIXED[order], 0);
}

function linearPrediction(bits: BitReader, output: Int32Array, { order, width }: Predictor): string | undefined {
  const fault = warmUp(bits, output, { order, width });
  if (fault !== undefined) return fault;
  const precision = bits.unsigned(4) + 1;
  const shift = bits.signed(5);
  if (precision === 16 || shift < 0) return `coefficients of ${precision} bits, shifted by ${shift}`;
  const coefficients = Array.from({ length: order }, () => bits.signed(precision));
  return residual(bits, output, order) ?? predict(output, coefficients, shift);
}

function warmUp(bits: BitReader, output: Int32Array, { order, width }: Predictor): string | undefined {
  if (order > output.length) return `a predictor of order ${order} in a block of ${output.length}`;
  for (let i = 0; i < order; i++) output[i] = bits.signed(width);
  return undefined;
}

/** Adds the predictions to the residuals, in place. */
function predict(output: Int32Array, coefficients: readonly number[], shift: number): undefined {
  const order = coefficients.length;
  const scale = 2 ** shift;
  for (let i = order; i < output.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += coefficients[j] * output[i - 1 - j];
    output[i] += Math.floor(sum / scale);
  }
}

/** Reads the Rice-coded residuals that follow the warm-up samples. */
function residual(bits: BitReader, output: Int32Array, order: number): string | undefined {
  const method = bits.unsigned(2);
  if (method > 1) return `the reserved residual coding ${method}`;
  const parameterBits = method === 0 ? 4 : 5;
  const unencoded = 2 ** parameterBits - 1;
  const partitions = 2 ** bits.unsigned(4);
  const each = output.length / partitions;
  if (!Number.isInteger(each) || each < order) return `${partitions} partitions of ${output.length} samples`;
  for (let partition = 0, i = order; partition < partitions; partition++) {
    const end = each * (partition + 1);
    const parameter = bits.unsigned(parameterBits);
    if (parameter === unencoded) {
      const width = bits.unsigned(5);
      for (; i < end; i++) output[i] = bits.signed(width);
    } else {
      const scale = 2 ** parameter;
      for (; i < end; i++) {
        const folded = bits.zeros() * scale + bits.unsigned(parameter);
        output[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      }
    }
  }
  return undefined;
}
