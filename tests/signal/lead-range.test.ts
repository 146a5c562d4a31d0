import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadRange, plainLeadRange } from '../../lib/signal/lead-range';

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
