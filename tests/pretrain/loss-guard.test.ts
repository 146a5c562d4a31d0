import { describe, expect, it } from 'vitest';
import { LossGuard } from '../../lib/pretrain/loss-guard';

/** The number of losses until a fault. */
function stepsUntilFault(losses: readonly number[], guard = new LossGuard()): number {
  return losses.findIndex((loss) => guard.add(loss) !== undefined);
}

const falling = Array.from({ length: 200 }, (_, step) => 4.8 * Math.exp(-step / 50));

describe('the guard of a loss', () => {
  it('lets a training pass that falls, also from a loss that comes back to where it began', () => {
    expect(stepsUntilFault([...falling, ...new Array(50).fill(4.8)])).toBe(-1);
  });

  it('stops at once on a loss or a gradient that is no number', () => {
    expect(stepsUntilFault([1, 1, Number.NaN])).toBe(2);
    expect(stepsUntilFault([1, Number.POSITIVE_INFINITY])).toBe(1);
    expect(new LossGuard().add(1, Number.NaN)).toMatchObject({ actual: 'loss 1, gradient norm NaN' });
  });

  it('stops when the median of 20 losses is above 10 times the smallest of the first 20, and says so', () => {
    const exploding = Array.from({ length: 100 }, (_, step) => 0.5 * 1.1 ** step);
    const guard = new LossGuard();
    const step = stepsUntilFault(exploding, guard);
    const median = (values: number[]) => values.sort((a, b) => a - b)[10];
    expect(median(exploding.slice(step - 19, step + 1))).toBeGreaterThan(5);
    expect(median(exploding.slice(step - 20, step))).toBeLessThanOrEqual(5);
    expect(guard.calm).toBe(false);
    expect(new LossGuard(exploding.slice(0, step)).add(exploding[step])).toEqual({
      expected: "losses below 5.000, 10 times the untrained model's",
      actual: `${median(exploding.slice(step - 19, step + 1)).toPrecision(4)}, the median of 20 losses,`,
    });
  });

  it('sees an explosion that begins at the second step', () => {
    expect(stepsUntilFault([0.6, ...new Array(50).fill(400)])).toBe(19);
  });

  it('takes nine wild batches of twenty for accidents, but no moment to keep the weights', () => {
    const losses = falling.map((loss, step) => (step % 20 < 9 ? 1000 : loss));
    expect(stepsUntilFault(losses)).toBe(-1);
    expect(new LossGuard([...falling, 1000]).calm).toBe(false);
    expect(new LossGuard([...falling, 1000, 0.1]).calm).toBe(true);
  });

  it('does not take a zero, of a batch without a patient’s second ECG, for what the untrained model does', () => {
    expect(stepsUntilFault([0, 0, 3, 0, 3, ...new Array(40).fill(3)])).toBe(-1);
    expect(stepsUntilFault([...new Array(20).fill(0), ...new Array(40).fill(3)])).toBe(-1);
  });

  it('takes the untrained model’s loss where it is known, however small the first ones are', () => {
    const guard = new LossGuard([], { untrained: 0.7 });
    for (let i = 0; i < 20; i++) expect(guard.add(1e-4)).toBeUndefined();
    for (let i = 0; i < 20; i++) expect(guard.add(6.9)).toBeUndefined();
    const faults = Array.from({ length: 20 }, () => guard.add(7.1)).filter((fault) => fault !== undefined);
    expect(faults[0]?.expected).toBe("losses below 7.000, 10 times the untrained model's");
  });
});
