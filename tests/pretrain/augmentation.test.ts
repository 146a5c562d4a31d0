import { describe, expect, it } from 'vitest';
import { augment, twoViews } from '../../lib/pretrain/augmentation';
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

  it('comes in twos that differ and repeat with the stream', () => {
    const ecg = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i / 40));
    const views = twoViews(ecg, { stream: randomStream(0, 'views', 7) });
    expect(views.subarray(0, SIZE)).not.toEqual(views.subarray(SIZE));
    expect(views).toEqual(twoViews(ecg, { stream: randomStream(0, 'views', 7) }));
  });
});
