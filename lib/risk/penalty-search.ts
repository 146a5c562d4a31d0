import type { FeatureMatrix } from '../evaluate/feature-matrix';
import { linearScores } from '../evaluate/linear-scores';
import { LANES } from '../evaluate/logistic-loss';
import { type LogisticFit, logisticSolver, type Walk } from '../evaluate/logistic-solver';
import { countParts } from './stratified-parts';
import { zeroOneErrors, zeroOneRisk } from './zero-one-errors';

const SEARCH_TOLERANCE = 1e-6; // of the fits that are compared
const ROUNDING = 1e-12; // equal risks of different errors differ by so much at most
const FINAL_TOLERANCE = 1e-8; // of the fits that are kept: logits then are the minimum's to five digits or more

/** L2 logistic regressions of one binary problem on parts of its records: preparing them once saves most of the time. */
export interface PenaltySearch {
  /**
   * Which records a probe gets wrong when it was fitted without their fold, for each C.
   *
   * @param folds [row] the number of its fold, from 0
   * @returns [C][row] 1 where wrong
   */
  foldErrors(folds: Uint16Array): Uint8Array[];
  /**
   * Fits a probe a split, each without the split's records.
   *
   * @param splits [row] the number of its split, from 0
   * @param Cs [split]
   * @param options.near a fit on all records: where the fits start, which saves passes
   */
  fitWithout(splits: Uint16Array, Cs: readonly number[], options: { readonly near: LogisticFit }): LogisticFit[];
  /** Fits a probe on all records. */
  fitAll(C: number): LogisticFit;
}

/**
 * Prepares the probes of one binary problem.
 *
 * @param features [row, column] standardised
 * @param labels [row] 1 or 0
 * @param options.Cs to be compared, ascending
 */
export function penaltySearch(
  features: FeatureMatrix,
  labels: Uint8Array,
  options: { readonly Cs: readonly number[] },
): PenaltySearch {
  const { Cs } = options;
  // The solver shares its passes between problems: here they are the same labels, each at a fourth of the C.
  const lanes = Array.from({ length: Math.min(LANES, Cs.length) }, () => labels);
  const solver = logisticSolver(features, lanes, { manyFits: true });
  return {
    foldErrors(folds) {
      const errors = Cs.map(() => new Uint8Array(labels.length));
      complements(folds).forEach((rows, fold) => {
        const ofPart = solver.onPart(rows);
        const walk = function* (lane: number): Walk<void> {
          let fit: LogisticFit | undefined;
          for (let c = lane; c < Cs.length; c += lanes.length) {
            fit = yield* ofPart.fit({ C: Cs[c], tolerance: SEARCH_TOLERANCE, start: fit });
            zeroOneErrors(linearScores(features, fit), labels).forEach((wrong, row) => {
              if (folds[row] === fold) errors[c][row] = wrong;
            });
          }
        };
        ofPart.run(lanes.map((_, lane) => walk(lane)));
      });
      return errors;
    },
    fitWithout: (splits, ofSplits, { near: { weights, intercept } }) =>
      complements(splits).flatMap((rows, split) => {
        const ofPart = solver.onPart(rows);
        const options = { C: ofSplits[split], tolerance: FINAL_TOLERANCE, start: { weights, intercept } };
        return ofPart.run([ofPart.fit(options)]);
      }),
    fitAll: (C) => solver.run([solver.fit({ C, tolerance: FINAL_TOLERANCE })])[0],
  };
}

/**
 * The C of the lowest risk, both classes counting alike; of equals the smallest, which is the strongest penalty.
 *
 * @param errors [C][row] from `foldErrors`
 * @param labels [row]
 * @param options.Cs [C] ascending; options.weights [row] how often each record counts, default once
 */
export function choosePenalty(
  errors: readonly Uint8Array[],
  labels: Uint8Array,
  options: { readonly Cs: readonly number[]; readonly weights?: ArrayLike<number> },
): number {
  const { Cs, weights } = options;
  const risks = errors.map((ofC) => zeroOneRisk(ofC, labels, { weighting: 'class', weights }));
  const lowest = Math.min(...risks);
  return Cs[risks.findIndex((risk) => risk <= lowest + ROUNDING)];
}

/** The rows outside each part, [part][row]. */
function complements(parts: Uint16Array): Uint32Array[] {
  const rows = Uint32Array.from(parts, (_, row) => row);
  return Array.from({ length: countParts(parts) }, (_, part) => rows.filter((row) => parts[row] !== part));
}
