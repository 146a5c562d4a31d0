import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { learningRate } from '../../lib/pretrain/schedule';

it('the learning rate equals PyTorch’s linear warm-up and cosine (tests/golden/torch/make_golden.py)', () => {
  const { rates, ...schedule } = JSON.parse(readFileSync(join(__dirname, '../golden/torch/schedule.json'), 'utf8'));
  rates.forEach((rate: number, step: number) => {
    expect(Math.abs(learningRate(step, schedule) - rate)).toBeLessThan(1e-12);
  });
});
