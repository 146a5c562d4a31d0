import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gramMatrix } from '../../lib/evaluate/gram-matrix';
import { runToEnd } from '../../lib/evaluate/interruptible';
import { interleaveLabels, LANES, logisticLoss } from '../../lib/evaluate/logistic-loss';
import { randomStream } from '../../lib/random';

function problem(rows: number, columns: number, seed: number) {
  const stream = randomStream(seed, 'problem');
  const values = Float32Array.from({ length: rows * columns }, () => stream.normal());
  const labels = [0, 1, 2, 3].map(() => Uint8Array.from({ length: rows }, () => stream.integer(2)));
  const parameters = Float64Array.from({ length: (columns + 1) * LANES }, () => stream.normal());
  return { features: { values, rows, columns }, labels: interleaveLabels(labels, rows), parameters };
}

function evaluate({ features, labels, parameters }: ReturnType<typeof problem>, rows: number[]) {
  const into = { losses: new Float64Array(LANES), gradients: new Float64Array(parameters.length) };
  logisticLoss(features, { rows: Uint32Array.from(rows), labels, parameters }, into);
  return into;
}

describe('logisticLoss', () => {
  it('is the summed cross-entropy of the rows asked for, one or many', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(99),
        (asked, columns, seed) => {
          const given = problem(9, columns, seed);
          const rows = Array.from({ length: asked }, (_, i) => (4 * i + seed) % 9); // some twice, any order
          const { losses } = evaluate(given, rows);
          for (let lane = 0; lane < LANES; lane++) {
            let expected = 0;
            for (const row of rows) {
              let z = given.parameters[columns * LANES + lane];
              for (let j = 0; j < columns; j++) {
                z += given.features.values[row * columns + j] * given.parameters[j * LANES + lane];
              }
              const p = 1 / (1 + Math.exp(-z));
              expected -= Math.log(given.labels[row * LANES + lane] === 1 ? p : 1 - p);
            }
            expect(losses[lane]).toBeCloseTo(expected, 9);
          }
        },
      ),
    );
  });

  it.each([1, 2, 5, 8])('has the gradient of finite differences on %d rows', (count) => {
    const given = problem(8, 5, count);
    const rows = Array.from({ length: count }, (_, row) => row);
    const { gradients } = evaluate(given, rows);
    const expected = gradients.map((_, k) => {
      const lossAt = (shift: number) => {
        const parameters = given.parameters.map((value, i) => (i === k ? value + shift : value));
        return evaluate({ ...given, parameters }, rows).losses[k % LANES];
      };
      return (lossAt(1e-5) - lossAt(-1e-5)) / 2e-5;
    });
    gradients.forEach((gradient, k) => {
      expect(gradient).toBeCloseTo(expected[k], 7);
    });
  });

  it('stays finite at logits of a million', () => {
    const given = problem(4, 2, 0);
    given.parameters.fill(1e6);
    const { losses, gradients } = evaluate(given, [0, 1, 2, 3]);
    expect([...losses, ...gradients].every(Number.isFinite)).toBe(true);
  });
});

describe('gramMatrix', () => {
  it.each([
    [1, 1],
    [5, 3],
    [64, 7],
    [150, 6],
  ])('is the mean of products of %d rows of %d columns', (rows, columns) => {
    const { features } = problem(rows, columns, 5);
    const chosen = Uint32Array.from({ length: rows }, (_, i) => rows - 1 - i);
    const size = columns + 1;
    const gram = runToEnd(gramMatrix(features, chosen));
    const entry = (row: number, j: number) => (j === columns ? 1 : features.values[row * columns + j]);
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += entry(row, j) * entry(row, k);
        expect(gram[j * size + k]).toBeCloseTo(k <= j ? sum / rows : 0, 12);
      }
    }
  });
});
