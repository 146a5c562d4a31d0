import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { decomposeRisk } from '../../lib/risk/decompose-risk';
import { risksReader, splitRisks, type TaskRisk } from '../../lib/risk/task-risk';
import { zeroOneErrors, zeroOneRisk } from '../../lib/risk/zero-one-errors';

/*
 * Worked by hand. B_tr: four positives P1-P4, four negatives N1-N4; P1, P2, N1, N2 are split 0, the others split 1.
 * B_te: two positives, four negatives. Wrong calls are in brackets.
 *
 *                       P1   P2    P3    P4     N1    N2    N3    N4
 *     supervised         2   .5   -1    -2      -2   -1.5   -3     1
 *       cut at 0                  [P3]  [P4]                      [N4]     paper:  3 of 8 = .375
 *       cut at log(1/3) = -1.0986       [P4]                      [N4]     robust: (1/4 + 1/4) / 2 = .25
 *     fitted             1    1   -1     1      -1   -1     -1     0
 *                                 [P3]                            [N4]     r_AF: 2 of 8 = (1/4 + 1/4) / 2 = .25
 *     held out           1   -1   -1    -1      -1   -1      1     1
 *       both splits          [P2] [P3]  [P4]               [N3]   [N4]     robust: (3/4 + 2/4) / 2 = .625
 *       split 0 alone        [P2]                                          paper:  1 of 4 = .25
 *
 *     test: positives 1, [-1]; negatives -1, -1, -1, [1]                   paper:  2 of 6 = .3333
 *                                                                          robust: (1/2 + 1/4) / 2 = .375
 *
 * The terms are the differences:
 *     robust   .25    0      .375   -.25     .375
 *     paper    .375  -.125   0       .0833   .3333
 */
const example: TaskRisk = {
  train: {
    recordIds: ['P1', 'P2', 'P3', 'P4', 'N1', 'N2', 'N3', 'N4'],
    patientIds: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    labels: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0),
    supervised: Float64Array.of(2, 0.5, -1, -2, -2, -1.5, -3, 1),
    fitted: Float64Array.of(1, 1, -1, 1, -1, -1, -1, 0),
    heldOut: Float64Array.of(1, -1, -1, -1, -1, -1, 1, 1),
    split: Uint16Array.of(0, 0, 1, 1, 0, 0, 1, 1),
    C: new Float64Array(8).fill(1),
  },
  test: {
    recordIds: ['p1', 'p2', 'n1', 'n2', 'n3', 'n4'],
    patientIds: ['i', 'j', 'k', 'l', 'm', 'n'],
    labels: Uint8Array.of(1, 1, 0, 0, 0, 0),
    fitted: Float64Array.of(1, -1, -1, -1, -1, 1),
  },
  C: 1,
  priorLogOdds: Math.log(1 / 3),
};

describe('the example worked by hand', () => {
  it('robust mode', () => {
    const risks = risksReader(example, { mode: 'robust' })();
    expect(risks).toEqual({ supervised: 0.25, approximated: 0.25, heldOut: 0.625, test: 0.375 });
    expect(decomposeRisk(risks)).toEqual({
      approximation: 0.25,
      usability: 0,
      probeGeneralisation: 0.375,
      encoderGeneralisation: -0.25,
      total: 0.375,
    });
  });

  it('paper mode', () => {
    const risks = risksReader(example, { mode: 'paper' })();
    expect(risks).toEqual({ supervised: 0.375, approximated: 0.25, heldOut: 0.25, test: 2 / 6 });
    const terms = decomposeRisk(risks);
    expect(terms.usability).toBe(-0.125);
    expect(terms.probeGeneralisation).toBe(0);
    expect(terms.encoderGeneralisation).toBeCloseTo(1 / 12, 15);
  });

  it('the splits: P2 of split 0, everything of split 1', () => {
    expect(splitRisks(example)).toEqual([0.25, 1]);
  });

  it('weights count records: none is once, and a resample may leave some out', () => {
    const train = Uint8Array.of(2, 0, 1, 1, 0, 1, 3, 0); // P1 twice, P3, P4; N2, N3 three times
    const test = Uint8Array.of(0, 1, 1, 0, 0, 2); // p2; n1, n4 twice
    expect(risksReader(example, { mode: 'robust' })({ train, test })).toEqual({
      supervised: (1 / 4 + 0) / 2, // P4
      approximated: (1 / 4 + 0) / 2, // P3
      heldOut: (2 / 4 + 3 / 4) / 2, // P3, P4; N3
      test: (1 + 2 / 3) / 2,
    });
    expect(risksReader(example, { mode: 'paper' })({ train, test })).toEqual({
      supervised: 2 / 8, // P3, P4
      approximated: 1 / 8, // P3
      heldOut: 0, // split 0 has P1 twice and N2 left
      test: 3 / 4,
    });
    const once = { train: new Uint8Array(8).fill(1), test: new Uint8Array(6).fill(1) };
    for (const mode of ['robust', 'paper'] as const) {
      const read = risksReader(example, { mode });
      expect(read(once)).toEqual(read());
    }
  });

  it('a class that weighs nothing leaves the risk undefined', () => {
    const noPositives = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    const read = risksReader(example, { mode: 'robust' });
    expect(() => read({ train: noPositives })).toThrow(UndefinedMetricError);
    expect(() => read({ train: noPositives })).toThrow(
      '0-1 risk: expected records of both classes, got 0 positives and 4 negatives',
    );
    const noSplit = Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 1);
    const paper = risksReader(example, { mode: 'paper' });
    expect(() => paper({ train: noSplit })).toThrow(/expected at least one record, got 0 positives and 0 negatives/);
    expect(paper({ train: noPositives }).heldOut).toBe(0); // every record counts alike: N1 and N2 are right
  });
});

describe('0-1 errors', () => {
  it('a logit on the threshold is a positive call', () => {
    expect([...zeroOneErrors([0, -0.1, 0, -0.1], [1, 1, 0, 0])]).toEqual([0, 1, 1, 0]);
    expect([...zeroOneErrors([0.5, 0.4, 0.6], [1, 1, 0], { threshold: 0.5 })]).toEqual([0, 1, 1]);
  });

  it('classes count alike when asked: many negatives do not hide the positives', () => {
    const labels = [1, 1, ...new Array(8).fill(0)];
    const never = zeroOneErrors(new Array(10).fill(-1), labels);
    expect(zeroOneRisk(never, labels)).toBe(0.2);
    expect(zeroOneRisk(never, labels, { weighting: 'class' })).toBe(0.5);
  });

  it('refuses other lengths and NaN', () => {
    expect(() => zeroOneErrors([1], [1, 0])).toThrow(ArgumentError);
    expect(() => zeroOneErrors([1, Number.NaN], [1, 0])).toThrow('row 1: logit: expected a number, got NaN');
    expect(() => zeroOneRisk([], [])).toThrow(UndefinedMetricError);
    expect(() => zeroOneRisk([0], [0], { weighting: 'class' })).toThrow(/0 positives and 1 negatives/);
    expect(() => zeroOneRisk([0], [1], { weighting: 'class' })).toThrow(/1 positives and 0 negatives/);
  });
});
