import type { Risks } from './decompose-risk';
import { countParts } from './stratified-parts';
import { zeroOneErrors, zeroOneRisk } from './zero-one-errors';

/**
 * How the risks are read off the logits.
 *
 * `paper`: as the figures of the paper's Table 2 come about. S is one twentieth of B_tr, 50 records; every record counts
 * alike, also where a test set has fewer positives than negatives; a logit of 0 decides, for the supervised network too.
 *
 * `robust`: S runs through all twentieths of B_tr, so that each record is held out once; both classes count alike in
 * every set; the supervised network, which learnt at the true share of positives, is judged by the log-odds of that
 * share, as balanced sets ask for (Saerens et al., 2002).
 */
export type RiskMode = 'robust' | 'paper';

export const RISK_MODES: readonly RiskMode[] = ['robust', 'paper'];

/** What the probes of one encoder, and the supervised network, say of one task's balanced sets. */
export interface TaskRisk {
  /** B_tr */
  readonly train: RiskRecords & {
    /** [record] logits of the supervised network */
    readonly supervised: Float64Array;
    /** [record] logits of the probe that was fitted on all of B_tr */
    readonly fitted: Float64Array;
    /** [record] logits of the probe that was fitted without the record's split */
    readonly heldOut: Float64Array;
    /** [record] which split S the record is in, from 0 */
    readonly split: Uint16Array;
    /** [record] the C of the probe that was fitted without its split */
    readonly C: Float64Array;
  };
  /** B_te */
  readonly test: RiskRecords & {
    /** [record] logits of the probe that was fitted on all of B_tr */
    readonly fitted: Float64Array;
  };
  /** the C of that probe */
  readonly C: number;
  /** log(positives / negatives) of the ECGs that the supervised network learnt from; 0 when it learnt on balanced ones */
  readonly priorLogOdds: number;
}

export interface RiskRecords {
  /** [record] */
  readonly recordIds: readonly string[];
  /** [record] */
  readonly patientIds: readonly string[];
  /** [record] 1 or 0 */
  readonly labels: Uint8Array;
}

/** How often each record of a task's sets counts; default once. */
export interface RecordWeights {
  /** [record of B_tr] at most 255 */
  readonly train?: ArrayLike<number>;
  /** [record of B_te] */
  readonly test?: ArrayLike<number>;
}

/** The four risks of a task as functions of how often each record counts: on the sets themselves, or on a resample. */
export type RisksReader = (weights?: RecordWeights) => Risks;

/**
 * Prepares a task's risks in one mode.
 *
 * @param task from `probeRisks`
 * @param options.mode robust or paper
 * @returns a function that gives the four risks; it throws UndefinedMetricError when the weights leave a class without
 *   a record (`robust`), or nothing (`paper`)
 */
export function risksReader(task: TaskRisk, options: { readonly mode: RiskMode }): RisksReader {
  const { train, test, priorLogOdds } = task;
  const robust = options.mode === 'robust';
  const weighting = robust ? 'class' : 'record';
  const supervised = zeroOneErrors(train.supervised, train.labels, { threshold: robust ? priorLogOdds : 0 });
  const [fitted, heldOut] = [train.fitted, train.heldOut].map((logits) => zeroOneErrors(logits, train.labels));
  const ofTest = zeroOneErrors(test.fitted, test.labels);
  const inS = Uint8Array.from(train.split, (split) => Number(split === 0));
  return (weights = {}) => {
    const times = weights.train;
    const held = robust ? times : times === undefined ? inS : inS.map((within, record) => within * times[record]);
    return {
      supervised: zeroOneRisk(supervised, train.labels, { weighting, weights: times }),
      approximated: zeroOneRisk(fitted, train.labels, { weighting, weights: times }),
      heldOut: zeroOneRisk(heldOut, train.labels, { weighting, weights: held }),
      test: zeroOneRisk(ofTest, test.labels, { weighting, weights: weights.test }),
    };
  };
}

/**
 * The held-out risk r_AS of every split, of which the robust mode is the mean.
 *
 * @returns [split] 0 to 1, both classes counting alike
 */
export function splitRisks({ train }: TaskRisk): number[] {
  const errors = zeroOneErrors(train.heldOut, train.labels);
  return Array.from({ length: countParts(train.split) }, (_, split) => {
    const weights = Uint8Array.from(train.split, (other) => Number(other === split));
    return zeroOneRisk(errors, train.labels, { weighting: 'class', weights });
  });
}
