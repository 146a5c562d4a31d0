const LARGE = 3; // from here on the continued fraction is the more precise one
const FRACTION_TERMS = 100;

/**
 * The upper tail of the standard normal distribution, `P(Z > z)`, to about 1e-13 of its value.
 *
 * A power series of the centre (Abramowitz and Stegun, 26.2.11), a continued fraction of the tail (26.2.14).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = normalDensity(z);
  if (z >= LARGE) {
    let fraction = z;
    for (let k = FRACTION_TERMS; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let term = z; // z^(2k + 1) / (1 x 3 x 5 ... (2k + 1))
  let sum = z;
  for (let k = 3; term > sum * Number.EPSILON; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/**
 * The z of an upper tail: `P(Z > z) = tail`, by Newton's method on `normalTail`.
 *
 * @param tail above 0, at most .5
 */
export function normalQuantileOfTail(tail: number): number {
  let z = 0; // the tail is convex above 0: from the left each step stays left of the root
  for (;;) {
    const step = (normalTail(z) - tail) / normalDensity(z);
    if (!(step > 1e-15 * z)) return z;
    z += step;
  }
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
