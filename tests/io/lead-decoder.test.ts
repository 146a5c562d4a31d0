import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLead, type InterleavedLead } from '../../lib/io/lead-decoder';

/** The plain loop. */
function plain({ flat, column, stride, baseline, gain, invalid }: InterleavedLead, samples: number) {
  const values = Int16Array.from({ length: samples }, (_, i) => flat[column + i * stride]);
  const signal = Float32Array.from(values, (value) => (value - baseline) / gain);
  return { values, signal, sum: values.reduce((sum, value) => (sum + value) | 0, 0), found: values.includes(invalid) };
}

describe('decodeLead', () => {
  it('gives the bits of the plain loop', () => {
    const given = fc.record({
      stride: fc.integer({ min: 1, max: 15 }),
      samples: fc.integer({ min: 8, max: 60 }),
      seed: fc.int16Array({ minLength: 900, maxLength: 900 }),
      baseline: fc.oneof(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: -8_000_000, max: 8_000_000 })),
      gain: fc.oneof(
        fc.constantFrom(200, 1000, 4.88, 1 / 3),
        fc.float({ min: Math.fround(1e-3), max: 1e6, noNaN: true }),
      ),
      invalid: fc.constantFrom(-32_768, -2048, 5),
    });
    fc.assert(
      fc.property(given, ({ stride, samples, seed, baseline, gain, invalid }) => {
        const flat = seed.slice(0, stride * samples);
        for (const column of [stride - 1, 0, stride >> 1]) {
          const lead = { flat, column, stride, baseline, gain: Math.fround(gain), invalid };
          const [values, signal] = [new Int16Array(samples), new Float32Array(samples)];
          const found = decodeLead(lead, values, signal);
          expect({ ...found, values, signal }).toEqual(plain(lead, samples));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('sees an invalid sample wherever it is', () => {
    for (let at = 0; at < 21; at++) {
      const flat = new Int16Array(42);
      flat[2 * at + 1] = -32_768;
      const lead = { flat, stride: 2, baseline: 0, gain: 1000, invalid: -32_768 };
      const out = [new Int16Array(21), new Float32Array(21)] as const;
      expect(decodeLead({ ...lead, column: 1 }, ...out)).toEqual({ sum: -32_768, found: true });
      expect(decodeLead({ ...lead, column: 0 }, ...out)).toEqual({ sum: 0, found: false });
    }
  });

  it('reads an array again whose values have changed', () => {
    const lead = { flat: new Int16Array(16), column: 0, stride: 1, baseline: 0, gain: 1, invalid: -32_768 };
    const out = [new Int16Array(16), new Float32Array(16)] as const;
    expect(decodeLead(lead, ...out)?.sum).toBe(0);
    lead.flat.fill(3);
    expect(decodeLead(lead, ...out)?.sum).toBe(48);
  });

  it('leaves to the plain loop what would be rounded twice, and short leads', () => {
    const lead = { flat: new Int16Array(64), column: 0, stride: 1, baseline: 0, gain: 1000, invalid: -32_768 };
    const out = [new Int16Array(64), new Float32Array(64)] as const;
    expect(decodeLead(lead, ...out)).toBeDefined();
    expect(decodeLead({ ...lead, gain: 409.6 }, ...out)).toBeUndefined();
    expect(decodeLead({ ...lead, baseline: 2 ** 24 }, ...out)).toBeUndefined();
    expect(decodeLead(lead, new Int16Array(7), new Float32Array(7))).toBeUndefined();
  });
});
