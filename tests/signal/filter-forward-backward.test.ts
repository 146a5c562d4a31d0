import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { butterworthBandPass, type Section } from '../../lib/signal/butterworth';
import { filterForwardBackward } from '../../lib/signal/filter-forward-backward';

interface Case {
  order: number;
  lowHz: number;
  highHz: number;
  fsHz: number;
  /** Hz and the complex response of one direction */
  response: [number, number, number][];
  outputs: Record<string, number[]>;
}

const golden = JSON.parse(readFileSync(join(__dirname, '../golden/band-pass.json'), 'utf8')) as {
  signals: Record<string, number[]>;
  cases: Case[];
};
const named = golden.cases.map(
  (one) => [`${one.order}, ${one.lowHz} to ${one.highHz} of ${one.fsHz} Hz`, one] as const,
);

/** The product of the sections at a frequency. */
function responseAt(sections: Section[], radians: number): [number, number] {
  let [re, im] = [1, 0];
  for (const { b0, b1, b2, a1, a2 } of sections) {
    const at = (c0: number, c1: number, c2: number) => [
      c0 + c1 * Math.cos(radians) + c2 * Math.cos(2 * radians),
      -c1 * Math.sin(radians) - c2 * Math.sin(2 * radians),
    ];
    const [nr, ni] = at(b0, b1, b2);
    const [dr, di] = at(1, a1, a2);
    const size = dr * dr + di * di;
    const [qr, qi] = [(nr * dr + ni * di) / size, (ni * dr - nr * di) / size];
    [re, im] = [re * qr - im * qi, re * qi + im * qr];
  }
  return [re, im];
}

describe('butterworthBandPass', () => {
  it.each(named)('has the response of scipy.signal.butter: order %s', (_, { order, lowHz, highHz, fsHz, response }) => {
    const sections = butterworthBandPass({ order, lowHz, highHz }, fsHz);
    expect(sections).toHaveLength(order);
    for (const [hz, re, im] of response) {
      const ours = responseAt(sections, (2 * Math.PI * hz) / fsHz);
      expect(Math.hypot(ours[0] - re, ours[1] - im)).toBeLessThan(1e-9);
    }
  });

  it('halves the power at both edges, and has order 3 where none is given', () => {
    const sections = butterworthBandPass({ lowHz: 0.5, highHz: 40 }, 250);
    expect(sections).toHaveLength(3);
    for (const hz of [0.5, 40]) {
      expect(Math.hypot(...responseAt(sections, (2 * Math.PI * hz) / 250)) ** 2).toBeCloseTo(0.5, 9);
    }
  });

  it.each([
    [0, 40, 3],
    [40, 0.5, 3],
    [1, 1, 3],
    [0.5, 125, 3],
    [Number.NaN, 40, 3],
    [0.5, 40, 0],
    [0.5, 40, 1.5],
    [0.5, 40, 11],
  ])('refuses %s to %s Hz of order %s', (lowHz, highHz, order) => {
    expect(() => butterworthBandPass({ lowHz, highHz, order }, 250)).toThrow(ArgumentError);
  });
});

describe('filterForwardBackward', () => {
  it.each(named)('equals scipy.signal.sosfiltfilt to 1e-9: order %s', (_, { order, lowHz, highHz, fsHz, outputs }) => {
    const sections = butterworthBandPass({ order, lowHz, highHz }, fsHz);
    for (const [name, expected] of Object.entries(outputs)) {
      const ours = filterForwardBackward(sections, Float64Array.from(golden.signals[name]));
      expect(ours).toHaveLength(expected.length);
      const size = Math.max(...expected.map(Math.abs));
      const difference = Math.max(...expected.map((value, i) => Math.abs(value - ours[i])));
      expect(difference / size, name).toBeLessThan(1e-9);
    }
  });

  it('leaves its input as it is, and takes signals of any length', () => {
    const sections = butterworthBandPass({ lowHz: 0.5, highHz: 40 }, 250);
    const signal = Float32Array.from([1, 5, -2]);
    expect(filterForwardBackward(sections, signal)).toHaveLength(3);
    expect([...signal]).toEqual([1, 5, -2]);
    expect(filterForwardBackward(sections, new Float32Array(0))).toHaveLength(0);
    expect(filterForwardBackward(sections, Float32Array.of(3))[0]).toBeCloseTo(0, 12); // a level alone is removed
  });

  it('is the same backwards', () => {
    const sections = butterworthBandPass({ lowHz: 2, highHz: 30 }, 250);
    const signal = Float64Array.from({ length: 500 }, (_, i) => Math.exp(-(((i - 250) / 20) ** 2)) * Math.sin(i / 3));
    const there = filterForwardBackward(sections, signal);
    const back = filterForwardBackward(sections, signal.slice().reverse()).reverse();
    // the start of a pass is a guess at what was before: alike where the signal is still
    there.forEach((value, i) => {
      expect(Math.abs(value - back[i])).toBeLessThan(1e-6);
    });
  });
});
