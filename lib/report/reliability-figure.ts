import { type BinOptions, reliabilityCurve } from '../metrics/reliability-curve';
import { sigmoid } from '../metrics/sigmoid';
import type { Figure } from './figure';
import type { CurvePoint, Scored } from './mean-curves';
import { type CurveModel, type TaskCurvesOptions, taskCurvesFigure } from './task-curves-figure';

export interface ReliabilityOptions extends TaskCurvesOptions, BinOptions {
  /** What the models' scores are; default 'logit', made probabilities by the logistic function. */
  readonly scores?: 'logit' | 'probability';
}

/**
 * Reliability curves of several models, a panel a task: how often the diagnosis is there among ECGs that a model gives
 * about the same probability.
 *
 * @param models of one test set; the ECGs of several seeds are taken together
 * @param options scores; bins, default 10; strategy, default 'quantile': as many ECGs in each; title, tasks, provenance
 * @returns a Vega-Lite figure
 * @throws UndefinedMetricError when scores said to be probabilities are not between 0 and 1
 */
export function reliabilityFigure(models: readonly CurveModel[], options: ReliabilityOptions = {}): Figure {
  const { scores = 'logit', bins = 10, strategy = 'quantile', ...rest } = options;
  const curve = (runs: readonly Scored[]): CurvePoint[] => {
    const labels = runs.flatMap((run) => Array.from(run.labels));
    const given = runs.flatMap((run) => Array.from(run.scores));
    const probabilities = scores === 'logit' ? sigmoid(given) : given;
    const { meanPredicted, fractionPositive } = reliabilityCurve(labels, probabilities, { bins, strategy });
    return Array.from(meanPredicted, (x, bin) => ({ x, y: fractionPositive[bin] }));
  };
  const each = strategy === 'quantile' ? 'equally many ECGs' : 'probabilities of equal width';
  return taskCurvesFigure(models, {
    ...rest,
    curves: {
      title: 'Reliability curves',
      how: `${bins} bins of ${each}. Dotted: perfect calibration; below it a model promises too much.`,
      howSeeds: 'The ECGs of all seeds together.',
      description: 'Share of ECGs with the diagnosis against predicted probability, a panel a task, a line a model.',
      axes: ['predicted probability', 'share with the diagnosis'],
      curve,
      guide: () => [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
      marked: true,
    },
  });
}
