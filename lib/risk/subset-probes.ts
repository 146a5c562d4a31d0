import type { FeatureMatrix } from '../evaluate/feature-matrix';
import { linearScores } from '../evaluate/linear-scores';
import { fitStandardScaler } from '../evaluate/standard-scaler';
import { choosePenalty, penaltySearch } from './penalty-search';
import { countParts } from './stratified-parts';

/** Logits of the probes of one task. */
export interface SubsetProbes {
  /** the C of the probe that was fitted on all of B_tr */
  readonly C: number;
  /** [split] the C of the probe that was fitted without it */
  readonly CsOfSplits: readonly number[];
  /** [record of B_tr] by the probe that was fitted on all of them */
  readonly fitted: Float64Array;
  /** [record of B_tr] by the probe that was fitted without the record's split */
  readonly heldOut: Float64Array;
  /** [record of B_te] by the probe that was fitted on B_tr */
  readonly test: Float64Array;
}

/**
 * Fits the probes of the risk decomposition on given subsets: L2 logistic regressions on features standardised on B_tr.
 *
 * C is that of the lowest 0-1 risk over the folds of B_tr; for the probe without a split, over the records outside it, as
 * judged by fold probes that have learnt from the split too.
 *
 * @param sets B_tr with its labels, [record] 1 or 0, and B_te
 * @param options.splits [record of B_tr] the number of its split, from 0; options.folds the same of its fold;
 *   options.Cs ascending
 */
export function fitSubsetProbes(
  sets: { readonly train: FeatureMatrix; readonly labels: Uint8Array; readonly test: FeatureMatrix },
  options: { readonly splits: Uint16Array; readonly folds: Uint16Array; readonly Cs: readonly number[] },
): SubsetProbes {
  const { train, labels, test } = sets;
  const { splits, folds, Cs } = options;
  const scaler = fitStandardScaler(train);
  const standardised = scaler.transform(train);
  const search = penaltySearch(standardised, labels, { Cs });
  const errors = search.foldErrors(folds);
  const C = choosePenalty(errors, labels, { Cs });
  const probe = search.fitAll(C);
  const CsOfSplits = Array.from({ length: countParts(splits) }, (_, split) => {
    const outside = Uint8Array.from(splits, (other) => Number(other !== split));
    return choosePenalty(errors, labels, { Cs, weights: outside });
  });
  const heldOut = new Float64Array(labels.length);
  search.fitWithout(splits, CsOfSplits, { near: probe }).forEach((without, split) => {
    linearScores(standardised, without).forEach((logit, row) => {
      if (splits[row] === split) heldOut[row] = logit;
    });
  });
  const fitted = linearScores(standardised, probe);
  return { C, CsOfSplits, fitted, heldOut, test: linearScores(scaler.transform(test), probe) };
}
