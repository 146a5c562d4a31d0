import { ArgumentError } from '../errors';
import type { FeatureMatrix } from '../evaluate/feature-matrix';
import { randomStream } from '../random';

/** A set of points on its first two principal components. */
export interface PrincipalPlane {
  /** [row] coordinate along the first component */
  readonly x: Float64Array;
  /** [row] coordinate along the second component */
  readonly y: Float64Array;
  /** shares of the variance that the two explain, 0 to 1 */
  readonly explained: readonly [number, number];
}

const MOST_ITERATIONS = 2000;
const PRECISION = 1e-15;

/**
 * Projects points on their first two principal components, the eigenvectors of the covariance with the largest
 * eigenvalues, by orthogonal iteration. Signs are such that the largest loading of a component is positive.
 *
 * @param features at least 3 rows and 2 columns, finite, with variance in at least two directions
 * @returns coordinates of the centred rows
 * @throws ArgumentError when there are fewer rows, columns or directions
 */
export function principalPlane(features: FeatureMatrix): PrincipalPlane {
  const { rows, columns } = features;
  if (rows < 3 || columns < 2) {
    const expected = 'at least 3 rows and 2 columns';
    throw new ArgumentError('principal components', { expected, actual: `${rows} rows and ${columns} columns` });
  }
  const centred = centre(features);
  const covariance = covarianceOf(centred, columns);
  const stream = randomStream(0, 'principal components');
  const start = () => Float64Array.from({ length: columns }, () => stream.normal());
  let basis = orthonormal(start(), start());
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const next = orthonormal(times(covariance, basis[0]), times(covariance, basis[1]));
    const turned = Math.max(...basis.map((direction, j) => 1 - Math.abs(dot(direction, next[j]))));
    basis = next;
    if (turned <= PRECISION) break;
  }
  const [x, y] = basis.map((direction) => times(centred, withPositivePeak(direction)));
  const total = dot(centred, centred);
  return { x, y, explained: [dot(x, x) / total, dot(y, y) / total] };
}

/** [row, column] without the mean of each column. */
function centre({ values, rows, columns }: FeatureMatrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) mean[i % columns] += values[i] / rows;
  return Float64Array.from(values, (value, i) => value - mean[i % columns]);
}

/** [column, column] sums of products; the factor 1 / rows does not turn the eigenvectors. */
function covarianceOf(centred: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns * columns);
  for (let row = 0; row < centred.length; row += columns) {
    for (let i = 0; i < columns; i++) {
      const value = centred[row + i];
      for (let j = 0; j <= i; j++) sums[i * columns + j] += value * centred[row + j];
    }
  }
  for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) sums[j * columns + i] = sums[i * columns + j];
  return sums;
}

/** A matrix [row, column] times a vector [column]. */
function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const columns = vector.length;
  return Float64Array.from({ length: matrix.length / columns }, (_, row) =>
    dot(matrix.subarray(row * columns, (row + 1) * columns), vector),
  );
}

function orthonormal(first: Float64Array, second: Float64Array): [Float64Array, Float64Array] {
  const one = unit(first);
  const along = dot(one, second);
  const rest = second.map((value, i) => value - along * one[i]);
  const again = dot(one, rest); // what rounding left
  return [one, unit(rest.map((value, i) => value - again * one[i]))];
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  if (!(length > 0)) {
    const expected = 'finite features that vary in at least two directions';
    throw new ArgumentError('principal components', { expected, actual: `a direction of length ${length}` });
  }
  return vector.map((value) => value / length);
}

function withPositivePeak(direction: Float64Array): Float64Array {
  const peak = direction.reduce((largest, value) => (Math.abs(value) > Math.abs(largest) ? value : largest), 0);
  return peak < 0 ? direction.map((value) => -value) : direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
