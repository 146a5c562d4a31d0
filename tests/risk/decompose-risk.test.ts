import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { decomposeRisk, RISK_TERMS, type RiskDecomposition } from '../../lib/risk/decompose-risk';
import { printedRisk } from '../../lib/risk/printed-risk';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyRisks = fc.record({ supervised: share, approximated: share, heldOut: share, test: share });
const ORDERS = [
  [0, 1, 2, 3],
  [3, 2, 1, 0],
  [2, 0, 3, 1],
  [1, 3, 0, 2],
];

describe('decomposeRisk', () => {
  it('is each risk less the one before: CL on MI in the paper', () => {
    const risks = { supervised: 0.093, approximated: 0.232, heldOut: 0.24, test: 0.278 };
    const terms = decomposeRisk(risks);
    expect(terms.approximation).toBeCloseTo(0.093, 15);
    expect(terms.usability).toBeCloseTo(0.139, 15);
    expect(terms.probeGeneralisation).toBeCloseTo(0.008, 15);
    expect(terms.encoderGeneralisation).toBeCloseTo(0.038, 15);
    expect(terms.total).toBeCloseTo(0.278, 15);
  });

  it('has negative terms where a harder setting comes out easier', () => {
    const terms = decomposeRisk({ supervised: 0.5, approximated: 0.25, heldOut: 0.75, test: 0.125 });
    expect(terms).toEqual({
      approximation: 0.5,
      usability: -0.25,
      probeGeneralisation: 0.5,
      encoderGeneralisation: -0.625,
      total: 0.125,
    });
  });

  it('adds up to the total to the last bit, whatever the risks and the order', () => {
    const exact = fc.property(anyRisks, (risks) => {
      const terms = decomposeRisk(risks);
      expect(Math.abs(terms.total - risks.test)).toBeLessThan(1.2e-16);
      for (const order of ORDERS) {
        expect(order.reduce((sum, at) => sum + terms[RISK_TERMS[at]], 0)).toBe(terms.total);
      }
    });
    fc.assert(exact, { numRuns: 2000 });
  });

  it('adds up for every count of errors among 763 and 1,000 ECGs, where plain differences do not', () => {
    let plainMisses = 0;
    for (let k = 0; k <= 763; k += 7) {
      const risks = { supervised: 0.093, approximated: (k % 333) / 1000, heldOut: (k % 50) / 50, test: k / 763 };
      const plain = risks.approximated - 0.093 + (risks.heldOut - risks.approximated) + (risks.test - risks.heldOut);
      if (0.093 + plain !== risks.test) plainMisses++;
      const terms = decomposeRisk(risks);
      expect(RISK_TERMS.reduce((sum, term) => sum + terms[term], 0)).toBe(terms.total);
    }
    expect(plainMisses).toBeGreaterThan(0);
  });

  it.each([
    ['supervised', -0.1],
    ['approximated', 1.01],
    ['heldOut', Number.NaN],
    ['test', Number.POSITIVE_INFINITY],
  ])('refuses %s = %d', (name, risk) => {
    const risks = { supervised: 0.1, approximated: 0.1, heldOut: 0.1, test: 0.1, [name]: risk };
    expect(() => decomposeRisk(risks)).toThrow(ArgumentError);
    expect(() => decomposeRisk(risks)).toThrow(`key ${name}: risk: expected 0 to 1, got ${risk}`);
  });
});

describe('printedRisk', () => {
  /** Printed digits as whole units of the last one. */
  const units = (printed: Record<keyof RiskDecomposition, string>, digits: number) => {
    const of = (text: string) => Math.round(Number(text) * 10 ** digits);
    return { sum: RISK_TERMS.reduce((sum, term) => sum + of(printed[term]), 0), total: of(printed.total) };
  };

  it('adds up where rounding each term would not', () => {
    // A third each of a tenth of a percent: .0003 three times and .0010 is no sum.
    const terms = decomposeRisk({ supervised: 0.001 / 3, approximated: 0.002 / 3, heldOut: 0.001, test: 0.001 });
    expect(printedRisk(terms)).toEqual({
      approximation: '0.0003',
      usability: '0.0004',
      probeGeneralisation: '0.0003',
      encoderGeneralisation: '0.0000',
      total: '0.0010',
    });
  });

  it('prints minus signs, no negative zero, and whole ones', () => {
    const terms = decomposeRisk({ supervised: 1, approximated: 0.9, heldOut: 0.90001, test: 0.00004 });
    expect(Object.values(printedRisk(terms))).toEqual(['1.0000', '-0.1000', '0.0000', '-0.9000', '0.0000']);
    expect(Object.values(printedRisk(terms, { digits: 1 }))).toEqual(['1.0', '-0.1', '0.0', '-0.9', '0.0']);
  });

  it('adds up as printed, each term within one of its own rounding', () => {
    const printed = fc.property(anyRisks, fc.constantFrom(1, 2, 4, 6), (risks, digits) => {
      const terms = decomposeRisk(risks);
      const text = printedRisk(terms, { digits });
      const { sum, total } = units(text, digits);
      expect(sum).toBe(total);
      expect(Math.abs(Number(text.total) - terms.total)).toBeLessThanOrEqual(0.5000001 * 10 ** -digits);
      for (const term of RISK_TERMS) {
        expect(text[term]).toMatch(new RegExp(`^-?[01]\\.\\d{${digits}}$`));
        expect(Math.abs(Number(text[term]) - terms[term])).toBeLessThan(1.0000001 * 10 ** -digits);
      }
    });
    fc.assert(printed, { numRuns: 1000 });
  });
});
