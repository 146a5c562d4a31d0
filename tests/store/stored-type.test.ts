import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMicrovolts, toMillivolts } from '../../lib/store/stored-type';

/** The microvolts of one value, and how many were out of range. */
function stored(mv: number): [number, number] {
  const out = new Int16Array(1);
  return [toMicrovolts(Float32Array.of(mv), out), out[0]].reverse() as [number, number];
}

describe('int16 microvolts', () => {
  it('round to the nearest, halves to even, as numpy.rint', () => {
    // in float32, 1/16 mV is 62.5 uV exactly
    expect([0.0625, -0.0625, 0.1875, -0.1875, 0, -0].map((mv) => stored(mv)[0])).toEqual([62, -62, 188, -188, 0, 0]);
    expect(stored(0.0014)[0]).toBe(1);
    expect(stored(-0.0016)[0]).toBe(-2);
  });

  it('stay within 32.767 mV, and are counted where they would not', () => {
    expect(stored(32.767)).toEqual([32_767, 0]);
    expect(stored(32.768)).toEqual([32_767, 1]);
    expect(stored(-32.768)).toEqual([-32_767, 1]);
    expect(stored(-1e9)).toEqual([-32_767, 1]);
  });

  it('come back as the nearest float32, and store as themselves again', () => {
    fc.assert(
      fc.property(fc.int16Array({ min: -32_767, max: 32_767 }), (uv) => {
        const mv = new Float32Array(uv.length);
        toMillivolts(uv, mv);
        const again = new Int16Array(uv.length);
        expect(toMicrovolts(mv, again)).toBe(0);
        expect(again).toEqual(uv);
        expect([...mv]).toEqual(Array.from(uv, (value) => Math.fround(value / 1000)));
      }),
    );
  });

  it('are within half a microvolt', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-30), max: Math.fround(30), noNaN: true }), (mv) => {
        expect(Math.abs(stored(mv)[0] - 1000 * mv)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});
