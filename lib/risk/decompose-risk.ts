import { ArgumentError } from '../errors';

/** The four errors that add up to the total risk, in the order in which they are added. */
export const RISK_TERMS = ['approximation', 'usability', 'probeGeneralisation', 'encoderGeneralisation'] as const;

export type RiskTerm = (typeof RISK_TERMS)[number];

/** 0-1 errors of four settings, each harder than the one before; 0 to 1. */
export interface Risks {
  /** r_sup: the same architecture trained end to end with labels, on its training ECGs */
  readonly supervised: number;
  /** r_AF: a probe on the frozen encoder, on the ECGs that it was fitted on */
  readonly approximated: number;
  /** r_AS: such a probe on ECGs that were kept from it, but not from the encoder */
  readonly heldOut: number;
  /** r_US: a probe on ECGs that neither has seen */
  readonly test: number;
}

/** What each step from an ideal model to a real one costs. */
export interface RiskDecomposition extends Readonly<Record<RiskTerm, number>> {
  /** the risk on the test ECGs, and the sum of the four terms, exactly */
  readonly total: number;
}

const GRID = 2 ** 52;

/**
 * Splits the risk of a frozen encoder with a probe into the errors of its steps.
 *
 *     approximation         = r_sup           what the architecture cannot express
 *     usability             = r_AF - r_sup    what a linear probe cannot read off the features
 *     probeGeneralisation   = r_AS - r_AF     what the probe loses on ECGs that it was not fitted on
 *     encoderGeneralisation = r_US - r_AS     what the encoder loses on ECGs that it has not seen
 *     total                 = r_US
 *
 * A term may be negative. The risks are first rounded to multiples of 2^-52, by at most 1.2e-16: all differences and
 * sums of such numbers are exact, so the terms, added in any order, are the total to the last bit.
 *
 * Dubois, Hashimoto and Liang (2023), Evaluating Self-Supervised Learning via Risk Decomposition; section 4.2 of the
 * paper.
 *
 * @param risks 0 to 1, single figures or means over runs
 * @throws ArgumentError when a risk is no number from 0 to 1
 */
export function decomposeRisk(risks: Risks): RiskDecomposition {
  const onGrid = (name: keyof Risks) => {
    const risk = risks[name];
    if (risk >= 0 && risk <= 1) return Math.round(risk * GRID) / GRID;
    throw new ArgumentError('risk', { expected: '0 to 1', actual: String(risk), where: { key: name } });
  };
  const [supervised, approximated, heldOut, test] = [
    onGrid('supervised'),
    onGrid('approximated'),
    onGrid('heldOut'),
    onGrid('test'),
  ];
  return {
    approximation: supervised,
    usability: approximated - supervised,
    probeGeneralisation: heldOut - approximated,
    encoderGeneralisation: test - heldOut,
    total: test,
  };
}
