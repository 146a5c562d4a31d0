import type { Figure } from './figure';
import { meanRocCurve } from './mean-curves';
import { type CurveModel, type TaskCurvesOptions, taskCurvesFigure } from './task-curves-figure';

/**
 * ROC curves of several models, a panel a task.
 *
 * @param models of one test set; several with one name, architecture and setting are seeds, drawn as their mean curve
 * @param options title, tasks, provenance
 * @returns a Vega-Lite figure
 */
export function rocCurvesFigure(models: readonly CurveModel[], options: TaskCurvesOptions = {}): Figure {
  return taskCurvesFigure(models, {
    ...options,
    curves: {
      title: 'ROC curves',
      how: 'Each point is a threshold. Dotted: chance. Above each panel: how many ECGs have the diagnosis.',
      howSeeds: 'The mean over the seeds.',
      description: 'True against false positive rate at all thresholds, a panel a task, a line a model.',
      axes: ['false positive rate', 'true positive rate'],
      curve: meanRocCurve,
      guide: () => [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
    },
  });
}
