import { measureScore } from './measure';
import type { Predictions } from './predictions';

/**
 * Criteria, the paper's one figure for a model: the sum of its four AUROCs and four AUPRCs (paper, section 4).
 *
 * @param predictions labels and scores of the tasks MI, STTC, CD and HYP
 * @returns 0 to 8, higher is better
 * @throws UndefinedMetricError, naming the task, when a task has one class only, or its labels or scores are unusable
 */
export function criteria(predictions: Pick<Predictions, 'labels' | 'scores'>): number {
  return measureScore(predictions, 'criteria');
}
