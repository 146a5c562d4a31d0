import { auprcScore } from '../../lib/metrics/auprc';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { bootstrapInterval } from '../../lib/metrics/bootstrap-interval';
import { brierScoreLoss } from '../../lib/metrics/brier-score-loss';
import { deLongInterval } from '../../lib/metrics/de-long-interval';
import { deLongTest } from '../../lib/metrics/de-long-test';
import { expectedCalibrationError } from '../../lib/metrics/expected-calibration-error';
import { allMeasures, measureScore } from '../../lib/metrics/measure';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import { precisionRecallCurve } from '../../lib/metrics/precision-recall-curve';
import type { Predictions } from '../../lib/metrics/predictions';
import { prevalenceCorrectedAuprc } from '../../lib/metrics/prevalence-corrected-auprc';
import { reliabilityCurve } from '../../lib/metrics/reliability-curve';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { rocCurve } from '../../lib/metrics/roc-curve';
import { TASKS, type Task } from '../../lib/metrics/tasks';

/** What one binary task gives a metric; most need labels and scores alone. */
export interface BinaryCase {
  /** [record] */
  labels: number[];
  /** [record] any numbers, or probabilities for a metric of those */
  scores: number[];
  /** [record] of another model, for comparisons */
  second: number[];
  /** [record] its patient */
  groups: number[];
}

/** Every public metric as a function to a list of figures. */
export const SCORE_METRICS = {
  rocAucScore: ({ labels, scores }) => [rocAucScore(labels, scores)],
  averagePrecisionScore: ({ labels, scores }) => [averagePrecisionScore(labels, scores)],
  'auprcScore by trapezoids': ({ labels, scores }) => [auprcScore(labels, scores, { interpolation: 'trapezoid' })],
  prevalenceCorrectedAuprc: ({ labels, scores }) => [prevalenceCorrectedAuprc(labels, scores, { prevalence: 0.02 })],
  'mean AUROC': (example) => [measureScore(fourTasks(example).first, 'mean_auroc')],
  criteria: (example) => [allMeasures(fourTasks(example).first).criteria],
  rocCurve: ({ labels, scores }) => {
    const { falsePositiveRate, truePositiveRate } = rocCurve(labels, scores);
    return [...falsePositiveRate, ...truePositiveRate];
  },
  precisionRecallCurve: ({ labels, scores }) => {
    const { precision, recall } = precisionRecallCurve(labels, scores);
    return [...precision, ...recall];
  },
  deLongInterval: ({ labels, scores }) => {
    const { value, low, high, standardError } = deLongInterval(labels, scores);
    return [value, low, high, standardError];
  },
  deLongTest: ({ labels, scores, second }) => {
    const test = deLongTest(labels, [scores, second]);
    return [test.value, test.low, test.high, test.standardError, test.first, test.second, test.z, test.pValue];
  },
  'bootstrapInterval of the AUROC': (example) => interval(example, 'auroc'),
  'bootstrapInterval of the AUPRC': (example) => interval(example, 'auprc'),
  'pairedBootstrapDifference of the mean AUROC': (example) => {
    const { first, second } = fourTasks(example);
    const { value, low, high } = pairedBootstrapDifference(first, second, { measure: 'mean_auroc', resamples: 10 });
    return [value, low, high];
  },
} satisfies Record<string, (example: BinaryCase) => number[]>;

/** Those that take probabilities. */
export const PROBABILITY_METRICS = {
  brierScoreLoss: ({ labels, scores }) => [brierScoreLoss(labels, scores)],
  'expectedCalibrationError of equal widths': ({ labels, scores }) => [expectedCalibrationError(labels, scores)],
  'expectedCalibrationError of quantiles': ({ labels, scores }) => [
    expectedCalibrationError(labels, scores, { strategy: 'quantile' }),
  ],
  'reliabilityCurve of equal widths': ({ labels, scores }) => reliability(reliabilityCurve(labels, scores)),
  'reliabilityCurve of quantiles': ({ labels, scores }) => {
    return reliability(reliabilityCurve(labels, scores, { strategy: 'quantile' }));
  },
} satisfies Record<string, (example: BinaryCase) => number[]>;

function reliability({ meanPredicted, fractionPositive, counts }: ReturnType<typeof reliabilityCurve>): number[] {
  return [...meanPredicted, ...fractionPositive, ...counts];
}

function interval({ labels, scores, groups }: BinaryCase, measure: 'auroc' | 'auprc'): number[] {
  const { value, low, high } = bootstrapInterval(labels, scores, { measure, groups, resamples: 10 });
  return [value, low, high];
}

/** Two models' predictions that are the same in all four tasks. */
function fourTasks({ labels, scores, second, groups }: BinaryCase): { first: Predictions; second: Predictions } {
  const each = <T>(value: T) => Object.fromEntries(TASKS.map((task) => [task, value])) as Record<Task, T>;
  const rows = {
    recordIds: labels.map((_, record) => `record ${record}`),
    patientIds: groups.map((patient) => `patient ${patient}`),
    labels: each(labels as ArrayLike<number> as Uint8Array),
  };
  return {
    first: { ...rows, scores: each(scores as ArrayLike<number> as Float64Array) },
    second: { ...rows, scores: each(second as ArrayLike<number> as Float64Array) },
  };
}
