import { describe, expect, it } from 'vitest';
import { UndefinedMetricError } from '../../lib/errors';
import { type BinaryCase, PROBABILITY_METRICS, SCORE_METRICS } from './all-metrics';

const INPUTS: [what: string, labels: number[], scores: number[], message: RegExp][] = [
  ['no record', [], [], /at least one record of each class, got no record/],
  ['fewer scores than labels', [0, 1, 1, 0], [0.1, 0.2], /as many scores as labels, got 4 labels and 2 scores/],
  ['more scores than labels', [0, 1], [0.1, 0.2, 0.3], /as many scores as labels, got 2 labels and 3 scores/],
  ['negatives only', [0, 0], [0.1, 0.2], /both classes, got one class only \(0 positives among 2 records\)/],
  ['positives only', [1, 1], [0.1, 0.2], /both classes, got one class only \(2 positives among 2 records\)/],
  ['a label of 2', [0, 1, 2], [1, 0, 0.5], /row 2: .*labels 0 or 1, got 2/],
  ['a label that is NaN', [0, Number.NaN], [1, 0], /row 1: .*labels 0 or 1, got NaN/],
  ['a score that is NaN', [0, 1], [Number.NaN, 1], /row 0: .*finite scores, got NaN/],
  ['a score that is infinite', [0, 1], [1, Number.POSITIVE_INFINITY], /row 1: .*finite scores, got Infinity/],
  ['a score that is missing', [0, 1], [1, undefined as unknown as number], /row 1: .*finite scores, got undefined/],
];

/** What each calls itself in an error. */
const NAMES: Record<keyof typeof SCORE_METRICS | keyof typeof PROBABILITY_METRICS, string> = {
  rocAucScore: 'AUROC',
  averagePrecisionScore: 'AUPRC',
  'auprcScore by trapezoids': 'precision-recall curve',
  prevalenceCorrectedAuprc: 'prevalence-corrected AUPRC',
  'mean AUROC': 'mean_auroc of MI',
  criteria: 'auroc_mi of MI',
  rocCurve: 'ROC curve',
  precisionRecallCurve: 'precision-recall curve',
  deLongInterval: 'DeLong variance',
  deLongTest: 'DeLong variance',
  'bootstrapInterval of the AUROC': 'AUROC',
  'bootstrapInterval of the AUPRC': 'AUPRC',
  'pairedBootstrapDifference of the mean AUROC': 'mean_auroc of MI',
  brierScoreLoss: 'Brier score',
  'expectedCalibrationError of equal widths': 'expected calibration error',
  'expectedCalibrationError of quantiles': 'expected calibration error',
  'reliabilityCurve of equal widths': 'reliability curve',
  'reliabilityCurve of quantiles': 'reliability curve',
};

const caseOf = (labels: number[], scores: number[]): BinaryCase => {
  return { labels, scores, second: scores, groups: labels.map((_, record) => record) };
};

describe.each(Object.entries({ ...SCORE_METRICS, ...PROBABILITY_METRICS }))('%s', (name, metric) => {
  it('names itself in an error', () => {
    const message = `row 1: ${NAMES[name as keyof typeof NAMES]}: expected finite scores, got NaN`;
    expect(() => metric(caseOf([0, 1], [1, Number.NaN]))).toThrow(message);
  });

  it.each(INPUTS)('throws on %s', (_what, labels, scores, message) => {
    expect(() => metric(caseOf(labels, scores))).toThrow(UndefinedMetricError);
    expect(() => metric(caseOf(labels, scores))).toThrow(message);
  });
});

describe.each(Object.entries(PROBABILITY_METRICS))('%s', (_name, metric) => {
  it.each([
    [1, 1.0000001],
    [0, -1e-9],
    [1, 3],
  ])('throws on a score in row %d that is no probability: %d', (row, value) => {
    const scores = [0.2, 0.9];
    scores[row] = value;
    expect(() => metric(caseOf([0, 1], scores))).toThrow(UndefinedMetricError);
    const message = `row ${row}: `;
    expect(() => metric(caseOf([0, 1], scores))).toThrow(message);
    expect(() => metric(caseOf([0, 1], scores))).toThrow(
      /probabilities of 0 to 1 \(sigmoid makes them of logits\), got/,
    );
  });

  it('takes 0 and 1', () => {
    expect(metric(caseOf([0, 1], [0, 1])).every(Number.isFinite)).toBe(true);
  });
});

describe.each(['deLongInterval', 'deLongTest'] as const)('%s', (name) => {
  it.each([
    [[1, 0, 0], /at least two records of each class, got 1 positives and 2 negatives/],
    [[0, 1, 1], /at least two records of each class, got 2 positives and 1 negatives/],
  ])('throws on a class of one record: %j', (labels, message) => {
    expect(() => SCORE_METRICS[name](caseOf(labels, [3, 1, 2]))).toThrow(UndefinedMetricError);
    expect(() => SCORE_METRICS[name](caseOf(labels, [3, 1, 2]))).toThrow(message);
  });
});
