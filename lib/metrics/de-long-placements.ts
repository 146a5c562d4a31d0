import { UndefinedMetricError } from '../errors';
import { curveAreas } from './curve-areas';
import { rankScores } from './ranked-scores';

/** Where each record lies among those of the other class: what DeLong's variance is made of. */
export interface Placements {
  /** area under the ROC curve: the mean of either list */
  auroc: number;
  /** [positive, in the records' order] share of the negatives with a lower score, ties one half */
  ofPositives: Float64Array;
  /** [negative, in the records' order] share of the positives with a higher score, ties one half */
  ofNegatives: Float64Array;
}

/**
 * Placement values (DeLong's structural components) of all records from one sort, in O(n log n): in a walk down the
 * scores, the counts of what lies above and in the tie are the differences of mid-ranks of Sun and Xu (2014).
 *
 * @param yTrue [record] 1 or 0
 * @param yScore [record] finite
 * @throws UndefinedMetricError as `rankScores`, and when a class has fewer than two records: one has no variance
 */
export function placements(yTrue: ArrayLike<number>, yScore: ArrayLike<number>): Placements {
  const ranked = rankScores(yTrue, yScore, { metric: 'DeLong variance' });
  const { order, positive, endsTie } = ranked;
  const n = order.length;
  const placeInClass = new Uint32Array(n); // [record] how many of its class come before it
  const counts = [0, 0]; // negatives, positives
  for (let record = 0; record < n; record++) placeInClass[record] = counts[yTrue[record]]++;
  const [negatives, positives] = counts;
  if (negatives < 2 || positives < 2) {
    const actual = `${positives} positives and ${negatives} negatives`;
    throw new UndefinedMetricError('DeLong variance', { expected: 'at least two records of each class', actual });
  }
  const ofPositives = new Float64Array(positives);
  const ofNegatives = new Float64Array(negatives);
  let [positivesAbove, negativesAbove] = [0, 0];
  for (let first = 0; first < n; ) {
    let [tiedPositives, tiedNegatives] = [0, 0];
    let last = first;
    for (; ; last++) {
      tiedPositives += positive[last];
      tiedNegatives += 1 - positive[last];
      if (endsTie[last] === 1) break;
    }
    for (let rank = first; rank <= last; rank++) {
      const at = placeInClass[order[rank]];
      if (positive[rank] === 1) ofPositives[at] = 1 - (negativesAbove + tiedNegatives / 2) / negatives;
      else ofNegatives[at] = (positivesAbove + tiedPositives / 2) / positives;
    }
    positivesAbove += tiedPositives;
    negativesAbove += tiedNegatives;
    first = last + 1;
  }
  return { auroc: curveAreas(ranked).auroc, ofPositives, ofNegatives };
}

/**
 * DeLong's variance of an AUROC, or of a difference of AUROCs when given the differences of the placements: the sample
 * variance of each list over its length, added.
 */
export function placementVariance(ofPositives: Float64Array, ofNegatives: Float64Array): number {
  return sampleVariance(ofPositives) / ofPositives.length + sampleVariance(ofNegatives) / ofNegatives.length;
}

function sampleVariance(values: Float64Array): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
