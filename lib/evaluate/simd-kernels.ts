import { type Code, wasm as w } from '../wasm-assembler';
import { wasmInstance } from '../wasm-instance';

/** The inner loops of the logistic regression, two doubles at a time; addresses are bytes of the memory. */
export interface SimdKernels {
  /** what addresses are of; zeros at first */
  memory: ArrayBuffer;
  /**
   * Logits of four rows in four problems: `logits[row, lane] = intercept[lane] + sum over columns of x w`.
   *
   * @param x [row = 4, column] float32
   * @param weights [column + 1, lane = 4] float64, the intercepts last
   * @param end where the intercepts are: the address after the weights
   * @param logits [row = 4, lane = 4] float64, written over
   */
  logits(x: number, weights: number, end: number, logits: number): void;
  /**
   * Adds four rows' part of the gradients: `gradients[column, lane] += sum over rows of x residual`, rows in pairs.
   *
   * @param x [row = 4, column] float32
   * @param gradients [column, lane = 4] float64
   * @param end the address after the gradients of the columns
   * @param residuals [row = 4, lane = 4] float64
   */
  gradients(x: number, gradients: number, end: number, residuals: number): void;
  /**
   * Adds the products of four columns by four, over the rows of a block: `sums[j, k] += sum over rows of x_j x_k`.
   *
   * @param a the first row's first of the columns j, float64, in rows of `columns`
   * @param end the address after the last row
   * @param b the first row's first of the columns k
   * @param sums [4, 4] of a matrix whose rows are `columns` long
   */
  products(a: number, end: number, b: number, sums: number): void;
}

const LANES = 4;
const ROWS = 4;
const DOUBLE = 8;

/**
 * Compiles the kernels for rows of so many columns, with a memory of so many bytes.
 *
 * Each adds in the order of its plain twin (`logisticLoss`, `gramMatrix`): the results are the same bit for bit.
 *
 * @param columns of the rows that `logits` and `gradients` read, or of the block that `products` reads
 * @returns undefined where WebAssembly has no SIMD: then the twins compute
 */
export function simdKernels(columns: number, bytes: number): SimdKernels | undefined {
  const functions = [logits(columns), gradients(columns), products(columns)];
  return wasmInstance<Omit<SimdKernels, 'memory'>>(functions, bytes);
}

const half = [0, 1]; // of four lanes: lanes 0 and 1, lanes 2 and 3

function logits(columns: number) {
  const [x, weights, end, out] = [0, 1, 2, 3];
  const sum = (row: number, h: number) => 4 + 2 * row + h;
  const [weight, value] = [(h: number) => 12 + h, 14];
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  return {
    name: 'logits',
    parameters: 4,
    vectors: 11,
    code: [
      rows.map((row) => half.map((h) => w.set(sum(row, h), w.load(w.get(end), 16 * h)))), // the intercepts
      w.loopWhileBelow(weights, end, [
        half.map((h) => w.set(weight(h), w.load(w.get(weights), 16 * h))),
        rows.map(
          (row): Code => [
            w.set(value, w.loadFloatTwice(w.get(x), row * columns * 4)),
            half.map((h) => w.set(sum(row, h), w.plus(w.get(sum(row, h)), w.times(w.get(value), w.get(weight(h)))))),
          ],
        ),
        w.set(x, w.add(w.get(x), w.constant(4))),
        w.set(weights, w.add(w.get(weights), w.constant(LANES * DOUBLE))),
      ]),
      rows.map((row) => half.map((h) => w.store(w.get(out), w.get(sum(row, h)), 32 * row + 16 * h))),
    ],
  };
}

function gradients(columns: number) {
  const [x, gradient, end, residuals] = [0, 1, 2, 3];
  const residual = (row: number, h: number) => 4 + 2 * row + h;
  const [first, second] = [12, 13];
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  return {
    name: 'gradients',
    parameters: 4,
    vectors: 10,
    code: [
      rows.map((row) => half.map((h) => w.set(residual(row, h), w.load(w.get(residuals), 32 * row + 16 * h)))),
      w.loopWhileBelow(gradient, end, [
        [0, 2].map(
          (row): Code => [
            w.set(first, w.loadFloatTwice(w.get(x), row * columns * 4)),
            w.set(second, w.loadFloatTwice(w.get(x), (row + 1) * columns * 4)),
            half.map((h) => {
              const one = w.times(w.get(residual(row, h)), w.get(first));
              const other = w.times(w.get(residual(row + 1, h)), w.get(second));
              return w.store(w.get(gradient), w.plus(w.load(w.get(gradient), 16 * h), w.plus(one, other)), 16 * h);
            }),
          ],
        ),
        w.set(x, w.add(w.get(x), w.constant(4))),
        w.set(gradient, w.add(w.get(gradient), w.constant(LANES * DOUBLE))),
      ]),
    ],
  };
}

function products(columns: number) {
  const [a, end, b, sums] = [0, 1, 2, 3];
  const sum = (j: number, h: number) => 4 + 2 * j + h;
  const [other, value] = [(h: number) => 12 + h, 14];
  const four = [0, 1, 2, 3];
  const place = (j: number, h: number) => j * columns * DOUBLE + 16 * h;
  return {
    name: 'products',
    parameters: 4,
    vectors: 11,
    code: [
      w.loopWhileBelow(a, end, [
        half.map((h) => w.set(other(h), w.load(w.get(b), 16 * h))),
        four.map(
          (j): Code => [
            w.set(value, w.loadDoubleTwice(w.get(a), j * DOUBLE)),
            half.map((h) => w.set(sum(j, h), w.plus(w.get(sum(j, h)), w.times(w.get(value), w.get(other(h)))))),
          ],
        ),
        w.set(a, w.add(w.get(a), w.constant(columns * DOUBLE))),
        w.set(b, w.add(w.get(b), w.constant(columns * DOUBLE))),
      ]),
      four.map((j) =>
        half.map((h) => {
          const total = w.plus(w.load(w.get(sums), place(j, h)), w.get(sum(j, h)));
          return w.store(w.get(sums), total, place(j, h));
        }),
      ),
    ],
  };
}
