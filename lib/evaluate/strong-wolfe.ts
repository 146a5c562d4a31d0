import type { Asking, Evaluation } from './lbfgs';
import { dot } from './vector';

/** A point of a function with its value and gradient. */
interface Place extends Evaluation {
  point: Float64Array;
}

/** A place on the line, with the step that led to it and the slope along the line there. */
interface Trial extends Place {
  step: number;
  slope: number;
}

const SUFFICIENT_DECREASE = 1e-4; // Nocedal and Wright's c1
const CURVATURE = 0.9; // their c2, for quasi-Newton directions
const MOST_TRIALS = 30;

/**
 * Finds a step along a descent direction that meets the strong Wolfe conditions: enough decrease, and a slope at most .9
 * of the first (Nocedal and Wright, algorithms 3.5 and 3.6, with cubic interpolation).
 *
 * Near the minimum the values differ by less than their rounding error; there a step that flattens the slope is taken
 * although the decrease cannot be seen.
 *
 * @returns the place found, or undefined when the direction does not descend or 30 trials found none
 */
export function* searchStrongWolfe(from: Place, direction: Float64Array): Asking<Place | undefined> {
  const first: Trial = { ...from, step: 0, slope: dot(from.gradient, direction) };
  if (!(first.slope < 0)) return undefined;
  const rounding = 1e-14 * Math.abs(first.value);
  const tooHigh = (trial: Trial) =>
    !(trial.value <= first.value + SUFFICIENT_DECREASE * trial.step * first.slope + rounding);
  const flat = (trial: Trial) => Math.abs(trial.slope) <= -CURVATURE * first.slope;

  let low = first; // the best place so far that descends enough
  let high: Trial | undefined; // the other end of the bracket, once there is one
  let step = 1;
  for (let trials = 0; trials < MOST_TRIALS; trials++) {
    const trial = yield* tryStep(from, direction, step);
    if (tooHigh(trial) || (low.step > 0 && trial.value > low.value + rounding)) {
      high = trial;
    } else {
      if (flat(trial)) return trial;
      const goesOn = high === undefined ? trial.slope < 0 : trial.slope * (high.step - low.step) < 0;
      if (!goesOn) high = low;
      low = trial;
    }
    step = high === undefined ? 2 * low.step : betweenByCubic(low, high);
  }
  return low.step > 0 && low.value < first.value ? low : undefined;
}

function* tryStep(from: Place, direction: Float64Array, step: number): Asking<Trial> {
  const point = new Float64Array(direction.length);
  for (let i = 0; i < point.length; i++) point[i] = from.point[i] + step * direction[i];
  const { value, gradient } = yield point;
  return { point, value, gradient, step, slope: dot(gradient, direction) };
}

/** The minimum of the cubic through both ends' values and slopes, kept off the ends by a tenth of the bracket. */
function betweenByCubic(low: Trial, high: Trial): number {
  const width = high.step - low.step;
  const d1 = low.slope + high.slope - (3 * (high.value - low.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope);
  const share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
  const kept = Number.isFinite(share) ? Math.min(Math.max(share, 0.1), 0.9) : 0.5;
  return low.step + kept * width;
}
