import { ArgumentError } from '../errors';
import { checkProbeSet, type ProbeSet } from '../evaluate/probe-set';
import { selectRows } from '../evaluate/select-rows';
import { numberGroups } from '../identity';
import { balancedSubset } from './balanced-subset';
import { stratifiedParts } from './stratified-parts';
import { fitSubsetProbes } from './subset-probes';
import type { TaskRisk } from './task-risk';

/** Labelled features and whose they are. */
export interface RiskSet<Name extends string> extends ProbeSet<Name> {
  /** [row] */
  readonly recordIds: readonly string[];
  /** [row] */
  readonly patientIds: readonly string[];
}

/** What a network of the same architecture, trained end to end, says of training ECGs: of B_tr at least. */
export interface SupervisedLogits<Name extends string> {
  /** [record] */
  readonly recordIds: readonly string[];
  /** [record] a task */
  readonly scores: Readonly<Record<Name, ArrayLike<number>>>;
}

export interface RiskOptions {
  /** The share of positives at which the supervised network learnt: that of the training set (default), or one half. */
  readonly supervisedPrior?: 'training' | 'balanced';
  /** Of the subsets, splits and folds, the same for all models; default 0. */
  readonly seed?: number;
  /** Most records of a class in B_tr and B_te; default 500. */
  readonly perClass?: number;
  /** Into how many S B_tr is cut; default 20. */
  readonly splits?: number;
  /** Folds by which C is chosen; default 5. */
  readonly folds?: number;
  /** From which C is chosen, all above 0; default 1e-4 to 1e2, one a decade. */
  readonly Cs?: readonly number[];
}

const RISK_CS: readonly number[] = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100];

/**
 * Fits the probes of the risk decomposition of one encoder on one task.
 *
 * B_tr and B_te are balanced subsets of the training and the test set (`balancedSubset`). A probe is an L2 logistic
 * regression on features standardised on B_tr. One is fitted on B_tr; it gives r_AF on B_tr and r_US on B_te. B_tr is cut
 * into 20 balanced splits S, patients whole; for each a probe is fitted on the rest and gives r_AS on S. With 1,000 ECGs
 * in B_tr an S has 50.
 *
 * C is that of the lowest 0-1 risk over five folds of B_tr, patients whole; for the probe without S, over the records
 * outside S, as judged by fold probes that have learnt from S too. Dubois et al. choose it by the 0-1 risk too, once, by
 * one half of their training set for the other, S included (github.com/YannDubs/SSL-Risk-Decomposition,
 * utils/tune_hyperparam.py). By the log loss instead, penalties come out so strong that probes of a random encoder are
 * barely better than chance.
 *
 * @param sets train: all labelled training ECGs; test; features of the frozen encoder, labels, records, patients
 * @param options task; supervised: logits of the network trained end to end, for r_sup; supervisedPrior, seed, perClass,
 *   splits, folds, Cs
 * @returns logits of all records: `risksReader` reads the risks off them
 * @throws ArgumentError when lengths do not fit, a feature is not finite, a patient is in both sets, the supervised
 *   network lacks a record of B_tr, or there are too few records of a class for the splits
 */
export function probeRisks<Name extends string>(
  sets: { readonly train: RiskSet<Name>; readonly test: RiskSet<Name> },
  options: RiskOptions & { readonly task: Name; readonly supervised: SupervisedLogits<Name> },
): TaskRisk {
  const { task, supervised, supervisedPrior = 'training', seed = 0, perClass } = options;
  const Cs = [...(options.Cs ?? RISK_CS)].sort((a, b) => a - b);
  if (Cs.length === 0) throw new ArgumentError('Cs', { expected: 'at least one C', actual: 'none' });
  checkRiskSets(sets, task);
  const train = subsetOf(sets.train, task, { split: 'train', seed, perClass });
  const test = subsetOf(sets.test, task, { split: 'test', seed, perClass });
  const partsOf = (parts: number, name: string) => stratifiedParts(train, { parts, seed, name: ['risk', name, task] });
  const splits = partsOf(options.splits ?? 20, 'splits');
  const folds = partsOf(options.folds ?? 5, 'folds');
  const probes = fitSubsetProbes(
    { train: train.features, labels: train.labels, test: test.features },
    { splits, folds, Cs },
  );
  return {
    train: {
      recordIds: train.recordIds,
      patientIds: train.patientIds,
      labels: train.labels,
      supervised: logitsOf(supervised, train.recordIds, task),
      fitted: probes.fitted,
      heldOut: probes.heldOut,
      split: splits,
      C: Float64Array.from(splits, (split) => probes.CsOfSplits[split]),
    },
    test: { recordIds: test.recordIds, patientIds: test.patientIds, labels: test.labels, fitted: probes.test },
    C: probes.C,
    priorLogOdds: supervisedPrior === 'training' ? logOdds(sets.train.labels[task]) : 0,
  };
}

/** Checks that sets of one encoder's features fit together and share no patient. */
function checkRiskSets<Name extends string>(
  { train, test }: { readonly train: RiskSet<Name>; readonly test: RiskSet<Name> },
  task: Name,
): void {
  checkProbeSet(train, { name: 'training', tasks: [task] });
  checkProbeSet(test, { name: 'test', tasks: [task], columns: train.features.columns });
  for (const [set, { features, recordIds, patientIds }] of Object.entries({ training: train, test })) {
    for (const [what, ids] of Object.entries({ recordIds, patientIds })) {
      if (ids.length === features.rows) continue;
      const expected = `${features.rows}, one per row`;
      throw new ArgumentError(`${what} of the ${set} set`, { expected, actual: String(ids.length) });
    }
  }
  const patients = numberGroups([...train.patientIds, ...test.patientIds], 'patient id');
  const learnt = new Set(patients.subarray(0, train.patientIds.length));
  const shared = test.patientIds.find((_, row) => learnt.has(patients[train.patientIds.length + row]));
  if (shared === undefined) return;
  throw new ArgumentError('sets', { expected: 'no patient in both', actual: `patient ${shared} in training and test` });
}

function subsetOf<Name extends string>(
  set: RiskSet<Name>,
  task: Name,
  options: { readonly split: 'train' | 'test'; readonly seed: number; readonly perClass: number | undefined },
) {
  const rows = balancedSubset(set.labels[task], { task, ...options });
  return {
    features: selectRows(set.features, rows),
    labels: Uint8Array.from(rows, (row) => set.labels[task][row]),
    recordIds: Array.from(rows, (row) => set.recordIds[row]),
    patientIds: Array.from(rows, (row) => set.patientIds[row]),
  };
}

function logitsOf<Name extends string>(
  { recordIds, scores }: SupervisedLogits<Name>,
  wanted: readonly string[],
  task: Name,
): Float64Array {
  const logits = scores[task];
  if (logits?.length !== recordIds.length) {
    const actual = String(logits?.length ?? 'none');
    throw new ArgumentError(`supervised logits of ${task}`, { expected: `${recordIds.length}, one a record`, actual });
  }
  const rowOf = new Map(recordIds.map((id, row) => [id, row]));
  return Float64Array.from(wanted, (record) => {
    const logit = logits[rowOf.get(record) ?? -1];
    if (Number.isFinite(logit)) return logit;
    const actual = logit === undefined ? 'none' : String(logit);
    throw new ArgumentError(`supervised logit of ${task}`, { expected: 'a number', actual, where: { record } });
  });
}

function logOdds(labels: Uint8Array): number {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  return Math.log(positives / (labels.length - positives));
}
