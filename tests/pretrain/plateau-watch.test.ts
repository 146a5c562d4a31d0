import { describe, expect, it } from 'vitest';
import { PlateauWatch } from '../../lib/pretrain/plateau-watch';

/** What is said of losses, by the number of the step. */
function said(losses: readonly number[], steps = losses.length): [number, string][] {
  const watch = new PlateauWatch(steps, { candidates: 127 });
  return losses.flatMap((loss, i) => {
    const line = watch.add(loss);
    return line === undefined ? [] : [[i + 1, line] as [number, string]];
  });
}

const noisy = (level: number, i: number) => level * (1 + 0.01 * Math.sin(7 * i));

describe('a contrastive loss', () => {
  it('that stays where guessing is, is told of once, after a quarter of the steps', () => {
    const told = said(Array.from({ length: 400 }, (_, i) => noisy(4.84, i)));
    expect(told).toHaveLength(1);
    expect(told[0]).toEqual([100, expect.stringMatching(/below 4\.844, .*after 100 steps, got 4\.\d+: nothing/)]);
    expect(said(Array.from({ length: 39 }, () => 4.84))).toEqual([]); // too short to judge
    expect(said(Array.from({ length: 60 }, () => 4.84))).toHaveLength(1);
  });

  it('that falls is not, nor one that has not come to a quarter yet', () => {
    expect(said(Array.from({ length: 400 }, (_, i) => noisy(4.84 - 0.01 * i, i)))).toEqual([]);
    expect(
      said(
        Array.from({ length: 99 }, () => 4.84),
        400,
      ),
    ).toEqual([]);
  });
});
