import { ArgumentError } from '../errors';
import { type CurveAreas, curveAreas } from './curve-areas';
import type { Predictions } from './predictions';
import { rankScores } from './ranked-scores';
import { TASKS, type Task } from './tasks';

/** The eight scores of a row of the paper's tables, in their order; Criteria is their sum. */
export const TASK_MEASURES = [
  'auroc_mi',
  'auroc_sttc',
  'auroc_cd',
  'auroc_hyp',
  'auprc_mi',
  'auprc_sttc',
  'auprc_cd',
  'auprc_hyp',
] as const;

/** The figures of a row: its eight scores, the mean of the four AUROCs, Criteria. */
export const MEASURES = [...TASK_MEASURES, 'mean_auroc', 'criteria'] as const;

export type Measure = (typeof MEASURES)[number];

/**
 * Any one measure of a classifier's predictions.
 *
 * @returns 0 to 1, for `criteria` 0 to 8; higher is better
 * @throws UndefinedMetricError, naming the task, when a task that the measure needs is undefined
 * @throws ArgumentError when the measure's name is unknown
 */
export function measureScore(predictions: Pick<Predictions, 'labels' | 'scores'>, measure: Measure): number {
  const areas = tasksOfMeasure(measure).map((task) => {
    const ranked = rankScores(predictions.labels[task], predictions.scores[task], { metric: measure, task });
    return [task, curveAreas(ranked)] as const;
  });
  return measureOfAreas(Object.fromEntries(areas) as Record<Task, CurveAreas>, measure);
}

/** Every measure of a classifier's predictions: the figures of its row. */
export function allMeasures(predictions: Pick<Predictions, 'labels' | 'scores'>): Record<Measure, number> {
  const scores = MEASURES.map((measure) => [measure, measureScore(predictions, measure)]);
  return Object.fromEntries(scores) as Record<Measure, number>;
}

/** The tasks that a measure depends on. */
export function tasksOfMeasure(measure: Measure): readonly Task[] {
  if (!MEASURES.includes(measure)) {
    throw new ArgumentError('measure', { expected: MEASURES.join(', '), actual: String(measure) });
  }
  if (measure === 'mean_auroc' || measure === 'criteria') return TASKS;
  return TASKS.filter((task) => measure.endsWith(`_${task.toLowerCase()}`));
}

/** A measure from the areas of the tasks that it depends on. */
export function measureOfAreas(areas: Readonly<Record<Task, CurveAreas>>, measure: Measure): number {
  const aurocs = () => TASKS.reduce((sum, task) => sum + areas[task].auroc, 0);
  const auprcs = () => TASKS.reduce((sum, task) => sum + areas[task].auprc, 0);
  if (measure === 'mean_auroc') return aurocs() / TASKS.length;
  if (measure === 'criteria') return aurocs() + auprcs();
  const [task] = tasksOfMeasure(measure);
  return measure.startsWith('auroc') ? areas[task].auroc : areas[task].auprc;
}
