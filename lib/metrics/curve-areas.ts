import type { RankedScores } from './ranked-scores';

/** The two areas of one binary task. */
export interface CurveAreas {
  /** area under the receiver operating characteristic curve, 0 to 1; NaN when the weighted records are of one class */
  auroc: number;
  /** average precision, 0 to 1; NaN when the weighted records hold no positive, and at a prevalence of one class only */
  auprc: number;
}

/**
 * AUROC and average precision of ranked records in one walk from the highest score down.
 *
 * At each threshold (a distinct score) TP and FP count the records at or above it:
 * `AUROC = sum of dFP x (TP before + dTP / 2) / (P N)`, `AP = sum of (dTP / P) x TP / (TP + FP)`.
 * A record that a bootstrap resample drew k times counts k times; the ranking stays, so no resample is sorted again.
 *
 * @param weights [record] whole numbers; default: each record once
 * @param options prevalence: the share of positives, between 0 and 1, at which the average precision is taken; default
 *   that of the weighted records
 */
export function curveAreas(
  ranked: RankedScores,
  weights?: Uint32Array,
  options: { readonly prevalence?: number } = {},
): CurveAreas {
  const { order, positive, endsTie } = ranked;
  const n = order.length;
  const { prevalence } = options;
  const ofFalse = prevalence === undefined ? 1 : negativesWeight(ranked, weights, prevalence);
  let truePositives = 0;
  let falsePositives = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  let pairsTwice = 0; // a tied pair counts one half: doubled, so that the sum stays a whole number and exact
  let precisions = 0;
  for (let rank = 0; rank < n; rank++) {
    const weight = weights === undefined ? 1 : weights[order[rank]];
    const weightIfPositive = weight * positive[rank];
    tiedPositives += weightIfPositive;
    tiedNegatives += weight - weightIfPositive;
    if (endsTie[rank] === 1) {
      pairsTwice += tiedNegatives * (2 * truePositives + tiedPositives);
      truePositives += tiedPositives;
      falsePositives += tiedNegatives;
      if (tiedPositives > 0) {
        precisions += (tiedPositives * truePositives) / (truePositives + ofFalse * falsePositives);
      }
      tiedPositives = 0;
      tiedNegatives = 0;
    }
  }
  return {
    auroc: pairsTwice / (2 * truePositives * falsePositives),
    auprc: precisions / truePositives,
  };
}

/** What each negative has to count, beside 1 for a positive, so that positives are a given share of all. */
function negativesWeight({ order, positive }: RankedScores, weights: Uint32Array | undefined, prevalence: number) {
  let positives = 0;
  let records = 0;
  for (let rank = 0; rank < order.length; rank++) {
    const weight = weights === undefined ? 1 : weights[order[rank]];
    positives += weight * positive[rank];
    records += weight;
  }
  return ((1 - prevalence) * positives) / (prevalence * (records - positives));
}
