import type { Figure } from './figure';
import { meanPrecisionRecallCurve } from './mean-curves';
import { type CurveModel, type TaskCurvesOptions, taskCurvesFigure } from './task-curves-figure';

/**
 * Precision-recall curves of several models, a panel a task.
 *
 * @param models of one test set; several with one name, architecture and setting are seeds, drawn as their mean curve
 * @param options title, tasks, provenance
 * @returns a Vega-Lite figure
 */
export function precisionRecallFigure(models: readonly CurveModel[], options: TaskCurvesOptions = {}): Figure {
  return taskCurvesFigure(models, {
    ...options,
    curves: {
      title: 'Precision-recall curves',
      how: 'Each point is a threshold. Dotted: chance, the share of ECGs with the diagnosis.',
      howSeeds: 'The mean over the seeds.',
      description: 'Precision against recall at all thresholds, a panel a task, a line a model.',
      axes: ['recall', 'precision'],
      curve: meanPrecisionRecallCurve,
      guide: (labels) => {
        const prevalence = Array.from(labels).reduce((sum, label) => sum + label, 0) / labels.length;
        return [
          { x: 0, y: prevalence },
          { x: 1, y: prevalence },
        ];
      },
    },
  });
}
