import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { assertAugmentation, augment, DEFAULT_AUGMENTATION, twoViews } from '../../lib/pretrain/augmentation';
import { randomStream } from '../../lib/random';
import { LEADS, SAMPLES } from '../../lib/signal/leads';

const SIZE = LEADS.length * SAMPLES;

describe('a view', () => {
  it('is the ECG itself when nothing is cropped or timed out', () => {
    const ecg = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i));
    const view = new Float32Array(SIZE);
    augment(ecg, view, { stream: randomStream(0, 'test'), options: { crop: [1, 1], timeOut: [0, 0] } });
    expect(view).toEqual(ecg);
  });

  it('keeps amplitudes and silences the same stretch in all leads', () => {
    const ecg = new Float32Array(SIZE).fill(1.5);
    const view = new Float32Array(SIZE);
    augment(ecg, view, { stream: randomStream(3, 'test') });
    const silent = Array.from(view.subarray(0, SAMPLES), (value) => value === 0);
    const share = silent.filter(Boolean).length / SAMPLES;
    expect(share).toBeGreaterThanOrEqual(0.2);
    expect(share).toBeLessThanOrEqual(0.4);
    expect(Array.from(view)).toEqual(Array.from(view, (_, i) => (silent[i % SAMPLES] ? 0 : 1.5)));
  });

  it('stretches a crop linearly: a ramp stays a ramp', () => {
    const ecg = Float32Array.from({ length: SIZE }, (_, i) => (i % SAMPLES) / SAMPLES);
    const view = new Float32Array(SIZE);
    augment(ecg, view, { stream: randomStream(1, 'test'), options: { crop: [0.5, 0.5], timeOut: [0, 0] } });
    const steps = Array.from({ length: SAMPLES - 1 }, (_, i) => view[i + 1] - view[i]);
    for (const step of steps) expect(step).toBeCloseTo((0.5 * SAMPLES - 1) / (SAMPLES - 1) / SAMPLES, 6);
  });

  it('gets a factor a lead and noise when they are asked for, between the crop and the silence', () => {
    const ecg = new Float32Array(SIZE).fill(1);
    const [plain, scaled, noisy] = [0, 1, 2].map(() => new Float32Array(SIZE));
    augment(ecg, plain, { stream: randomStream(2, 'test') });
    augment(ecg, scaled, { stream: randomStream(2, 'test'), options: { ...DEFAULT_AUGMENTATION, scale: [0.5, 2] } });
    augment(ecg, noisy, { stream: randomStream(2, 'test'), options: { ...DEFAULT_AUGMENTATION, noise: 0.005 } });
    const factors = LEADS.map((_, lead) => Math.max(...scaled.subarray(lead * SAMPLES, (lead + 1) * SAMPLES)));
    expect(new Set(factors).size).toBe(LEADS.length);
    for (const factor of factors) expect(factor).toBeGreaterThan(0.5);
    for (const factor of factors) expect(factor).toBeLessThan(2);
    expect(scaled).toEqual(plain.map((value, i) => value * factors[Math.floor(i / SAMPLES)]));
    const noise = Array.from(plain.keys()).filter((i) => plain[i] !== 0);
    expect(noisy.filter((_, i) => plain[i] === 0).every((value) => value === 0)).toBe(true);
    const mean = noise.reduce((sum, i) => sum + noisy[i] - 1, 0) / noise.length;
    const deviation = Math.sqrt(noise.reduce((sum, i) => sum + (noisy[i] - 1) ** 2, 0) / noise.length);
    expect(Math.abs(mean)).toBeLessThan(1.5e-4);
    expect(deviation).toBeGreaterThan(0.00485);
    expect(deviation).toBeLessThan(0.00515);
  });

  it.each([
    ['crop', { crop: [0.5, 1.5] }],
    ['crop', { crop: [0, 1] }],
    ['crop', { crop: [1, 0.5] }],
    ['timeOut', { timeOut: [20, 40] }],
    ['timeOut', { timeOut: [Number.NaN, 0.4] }],
    ['scale', { scale: [0, 2] }],
    ['scale', { scale: [1, Number.POSITIVE_INFINITY] }],
    ['noise', { noise: -0.1 }],
  ])('with a %s that cannot be is refused: %o', (key, options) => {
    const refused = () => assertAugmentation({ ...DEFAULT_AUGMENTATION, ...options } as typeof DEFAULT_AUGMENTATION);
    expect(refused).toThrow(ArgumentError);
    expect(refused).toThrow(`key ${key}: augmentation: expected`);
  });

  it('is drawn as it always was while both are off (sums of two views by the first version)', () => {
    const ecg = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i / 40));
    const views = twoViews(ecg, { stream: randomStream(0, 'views', 7) });
    const sum = (from: number) => views.subarray(from, from + SIZE).reduce((total, value) => total + value, 0);
    expect([sum(0), sum(SIZE)]).toEqual([225.57811639655847, -284.5140005472349]);
  });

  it('comes in twos that differ and repeat with the stream', () => {
    const ecg = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i / 40));
    const views = twoViews(ecg, { stream: randomStream(0, 'views', 7) });
    expect(views.subarray(0, SIZE)).not.toEqual(views.subarray(SIZE));
    expect(views).toEqual(twoViews(ecg, { stream: randomStream(0, 'views', 7) }));
  });
});
