import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { gramMatrix, productsOf } from '../../lib/evaluate/gram-matrix';
import { runToEnd } from '../../lib/evaluate/interruptible';
import { interleaveLabels, LANES, logisticLoss } from '../../lib/evaluate/logistic-loss';
import { simdKernels } from '../../lib/evaluate/simd-kernels';
import { simdLogisticLoss } from '../../lib/evaluate/simd-logistic-loss';
import { randomStream } from '../../lib/random';
import { assembleWasm, wasm } from '../../lib/wasm-assembler';

function makeProblems(rows: number, columns: number, seed: number) {
  const stream = randomStream(seed, 'simd');
  const features = { values: Float32Array.from({ length: rows * columns }, () => stream.normal()), rows, columns };
  const labels = Array.from({ length: LANES }, () => Uint8Array.from({ length: rows }, () => stream.integer(2)));
  const parameters = Float64Array.from({ length: (columns + 1) * LANES }, () => 3 * stream.normal());
  const someRows = stream.shuffled(Uint32Array.from({ length: rows }, (_, row) => row)).slice(rows >> 2);
  return { features, labels: interleaveLabels(labels, rows), parameters, rows: Uint32Array.from(someRows) };
}

const results = (loss: typeof logisticLoss, { features, ...problems }: ReturnType<typeof makeProblems>) => {
  const { columns } = features;
  const into = { losses: new Float64Array(LANES).fill(7), gradients: new Float64Array((columns + 1) * LANES).fill(7) };
  loss(features, problems, into);
  return into;
};

describe('simdLogisticLoss', () => {
  it('gives the bits of logisticLoss for any number of rows and columns, call after call', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (rows, columns, seed) => {
        const simd = simdLogisticLoss(columns);
        expect(simd).not.toBe(logisticLoss);
        for (const call of [0, 1]) {
          const problems = makeProblems(rows, columns, seed + call);
          expect(results(simd, problems)).toEqual(results(logisticLoss, problems));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('does so at 512 columns, where addresses need more bytes', () => {
    const problems = makeProblems(130, 512, 0);
    expect(results(simdLogisticLoss(512), problems)).toEqual(results(logisticLoss, problems));
  });

  it('is logisticLoss itself where WebAssembly has no SIMD, or is not there', () => {
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect(simdLogisticLoss(3)).toBe(logisticLoss);
    vi.stubGlobal('WebAssembly', undefined);
    expect(simdLogisticLoss(3)).toBe(logisticLoss);
    expect(simdKernels(3, 100)).toBeUndefined();
    vi.unstubAllGlobals();
    expect(simdKernels(3, 100)).toBeDefined();
  });
});

describe('gramMatrix', () => {
  it.each([
    [1, 3],
    [70, 1],
    [150, 9],
    [64, 20],
  ])('is the mean of x x over %d rows of %d columns, with a last x of 1', (rows, columns) => {
    const { features } = makeProblems(rows, columns, 1);
    const every = Uint32Array.from({ length: rows }, (_, row) => row);
    const gram = runToEnd(gramMatrix(features, every));
    const x = (row: number, j: number) => (j === columns ? 1 : features.values[row * columns + j]);
    for (let j = 0; j <= columns; j++) {
      for (let k = 0; k <= columns; k++) {
        const mean = every.reduce((sum, row) => sum + x(row, j) * x(row, k), 0) / rows;
        expect(gram[j * (columns + 1) + k]).toBeCloseTo(k <= j ? mean : 0, 12);
      }
    }
  });

  it('adds products with SIMD to the bits of the plain way', () => {
    for (const columns of [4, 8, 44]) {
      const [simd, plain] = [true, false].map((useSimd) => {
        const products = productsOf(columns, { simd: useSimd });
        const stream = randomStream(columns, 'block');
        for (let call = 0; call < 3; call++) {
          for (let at = 0; at < products.block.length; at++) products.block[at] = stream.normal();
          products.addProducts();
        }
        return products.sums;
      });
      expect(simd).toEqual(plain);
    }
  });
});

describe('assembleWasm', () => {
  it('makes a module that JavaScript compiles, with offsets and constants of several bytes', () => {
    const far = 70_000;
    const code = assembleWasm([
      {
        name: 'copy',
        parameters: 2,
        vectors: 1,
        code: [
          wasm.set(2, wasm.load(wasm.add(wasm.get(0), wasm.constant(far)), 200)),
          wasm.store(wasm.get(1), wasm.plus(wasm.get(2), wasm.get(2)), far),
        ],
      },
    ]);
    // biome-ignore lint/suspicious/noExplicitAny: the types of Node do not have WebAssembly
    const { WebAssembly } = globalThis as any;
    const memory = new WebAssembly.Memory({ initial: 3 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { kernels: { memory } });
    const at = (address: number) => new Float64Array(memory.buffer, address, 2);
    at(8 + far + 200).set([1.5, -3]);
    exports.copy(8, 64);
    expect([...at(64 + far)]).toEqual([3, -6]);
  });
});
