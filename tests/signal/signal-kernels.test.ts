import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HalveRate } from '../../lib/signal/halve-rate';
import { leadRange, plainLeadRange } from '../../lib/signal/lead-range';
import { signalKernels } from '../../lib/signal/signal-kernels';

afterEach(() => vi.unstubAllGlobals());

const tap = (place: number) => Math.cos(place / 13) / (1 + place * place);

describe('HalveRate', () => {
  it('gives the bits of its plain twin for any length, call after call', () => {
    const half = new HalveRate(tap);
    const signal = fc.float32Array({ minLength: 1, maxLength: 90, noNaN: true, min: -(2 ** 60), max: 2 ** 60 });
    fc.assert(
      fc.property(signal, (x) => {
        const [simd, plain] = [0, 0].map(() => new Float32Array(Math.ceil(x.length / 2)).fill(7));
        half.apply(x, simd);
        half.applyPlain(x, plain);
        expect(simd).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  it('computes the sum that it says', () => {
    const x = Float64Array.from({ length: 63 }, (_, i) => Math.sin(i * i));
    const slope = (x[62] - x[0]) / 62;
    const at = (n: number) => (n < 0 ? x[0] + n * slope : n > 62 ? x[62] + (n - 62) * slope : x[n]);
    const out = new Float64Array(32);
    new HalveRate(tap).apply(x, out);
    out.forEach((value, i) => {
      let sum = 0;
      for (let k = -20; k <= 20; k++) if (k === 0 || k % 2 !== 0) sum += tap(Math.abs(k)) * at(2 * i - k);
      expect(value).toBeCloseTo(sum, 12);
    });
  });

  it('computes without SIMD too', () => {
    const x = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i * i));
    const [simd, plain] = [new Float32Array(250), new Float32Array(250)];
    new HalveRate(tap).apply(x, simd);
    vi.stubGlobal('WebAssembly', { validate: () => false });
    expect(signalKernels(100)).toBeUndefined();
    new HalveRate(tap).apply(x, plain);
    expect(plain).toEqual(simd);
  });
});

describe('leadRange', () => {
  it('equals its plain twin for any samples', () => {
    const lead = fc.float32Array({ maxLength: 50 });
    fc.assert(
      fc.property(lead, (lead) => {
        const [simd, plain] = [leadRange(lead), plainLeadRange(lead)];
        expect(simd.low === plain.low && simd.high === plain.high && simd.finite === plain.finite).toBe(true);
        expect(simd.finite).toBe(lead.every(Number.isFinite));
      }),
      { numRuns: 500 },
    );
  });

  it('finds the extremes wherever they are, besides NaN', () => {
    for (let i = 0; i < 11; i++) {
      for (const nan of [0, 3, 10]) {
        if (nan === i) continue;
        const lead = new Float32Array(11);
        lead[i] = i % 2 === 0 ? 5 : -5;
        lead[nan] = Number.NaN;
        const { low, high, finite } = leadRange(lead);
        expect(low === Math.min(0, lead[i]) && high === Math.max(0, lead[i])).toBe(true);
        expect(finite).toBe(false);
      }
    }
    expect(leadRange(new Float32Array(0))).toMatchObject({ finite: true });
  });
});
