import { checkBinary } from './check-binary';

/** How many records of each class lie at or above each threshold: what ROC and precision-recall curves are made of. */
export interface CurveCounts {
  /** [threshold] the distinct scores, descending */
  thresholds: Float64Array;
  /** [threshold] positives with this score or a higher one */
  truePositives: Float64Array;
  /** [threshold] negatives with this score or a higher one */
  falsePositives: Float64Array;
}

/**
 * Counts true and false positives at each distinct score.
 *
 * @param yTrue [record] 1 or 0
 * @param yScore [record] finite
 * @param options what to call the metric in an error
 * @throws UndefinedMetricError as `checkBinary`
 */
export function curveCounts(
  yTrue: ArrayLike<number>,
  yScore: ArrayLike<number>,
  options: { readonly metric: string },
): CurveCounts {
  checkBinary(yTrue, yScore, options);
  const order = Uint32Array.from({ length: yTrue.length }, (_, i) => i).sort((a, b) => yScore[b] - yScore[a]);
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  for (const record of order) {
    const k = thresholds.length - 1;
    if (yScore[record] !== thresholds[k]) {
      thresholds.push(yScore[record]);
      truePositives.push((truePositives[k] ?? 0) + yTrue[record]);
      falsePositives.push((falsePositives[k] ?? 0) + 1 - yTrue[record]);
    } else {
      truePositives[k] += yTrue[record];
      falsePositives[k] += 1 - yTrue[record];
    }
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}
