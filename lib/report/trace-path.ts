/**
 * A stretch of a signal as an SVG path that keeps only the samples one can see (Douglas and Peucker, 1973).
 *
 * @param samples the signal; where it is NaN the line is broken
 * @param options.xStep px a sample; options.yScale px a unit of the signal, drawn upwards; options.x, options.y where the
 *   first sample and the signal's zero lie, px, default 0; options.tolerance how far the line may miss a sample, px,
 *   default .15
 * @returns the path to a tenth of a px, each step relative to the one before, which is a third shorter; empty when every
 *   sample is NaN
 */
export function tracePath(
  samples: Float32Array,
  options: {
    readonly xStep: number;
    readonly yScale: number;
    readonly x?: number;
    readonly y?: number;
    readonly tolerance?: number;
  },
): string {
  const { xStep, yScale, x = 0, y = 0, tolerance = 0.15 } = options;
  const parts: string[] = [];
  for (const [first, last] of stretches(samples)) {
    const kept = visibleSamples(samples, { first, last, xStep, yScale, tolerance });
    parts.push(steps(kept.map((i) => [tenths(x + i * xStep), tenths(y - samples[i] * yScale)])));
  }
  return parts.join('');
}

/** The stretches without NaN: first and last sample of each. */
function stretches(samples: Float32Array): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < samples.length; i++) {
    if (Number.isNaN(samples[i])) continue;
    const first = i;
    while (i + 1 < samples.length && !Number.isNaN(samples[i + 1])) i++;
    found.push([first, i]);
  }
  return found;
}

interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly xStep: number;
  readonly yScale: number;
  readonly tolerance: number;
}

/** Keeps the ends, and between two kept samples the one farthest from their line, until none is farther than allowed. */
function visibleSamples(samples: Float32Array, { first, last, xStep, yScale, tolerance }: Stretch): number[] {
  const kept = new Set([first, last]);
  const open: [number, number][] = [[first, last]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [a, b] = pair;
    const dx = (b - a) * xStep;
    const dy = (samples[b] - samples[a]) * yScale;
    const length = Math.hypot(dx, dy);
    let [farthest, distance] = [-1, tolerance];
    for (let i = a + 1; i < b; i++) {
      const off = Math.abs(dx * (samples[i] - samples[a]) * yScale - dy * (i - a) * xStep) / length;
      if (off > distance) [farthest, distance] = [i, off];
    }
    if (farthest < 0) continue;
    kept.add(farthest);
    open.push([a, farthest], [farthest, b]);
  }
  return [...kept].sort((i, j) => i - j);
}

/** From tenths of a px, so that rounding does not add up along the way. */
function steps(points: readonly (readonly [number, number])[]): string {
  const [[x0, y0], ...rest] = points;
  let path = `M${x0 / 10},${y0 / 10}`;
  let [x, y] = [x0, y0];
  for (const [nextX, nextY] of rest) {
    const [right, down] = [(nextX - x) / 10, (nextY - y) / 10];
    path += `l${right}${down < 0 ? '' : ','}${down}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}

function tenths(value: number): number {
  return Math.round(value * 10) + 0; // never -0
}
