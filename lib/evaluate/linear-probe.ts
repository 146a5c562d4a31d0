import { ArgumentError } from '../errors';
import { averagePrecisionScore } from '../metrics/average-precision';
import { rocAucScore } from '../metrics/roc-auc';
import type { Task } from '../metrics/tasks';
import type { FeatureMatrix } from './feature-matrix';
import { type Interruptible, runToEnd } from './interruptible';
import { linearScores } from './linear-scores';
import { checkBothClasses, checkProbeSet, type ProbeSet } from './probe-set';
import { fitTunedProbes, type TunedProbe, type TunedProbeOptions } from './tuned-probe';
import { fitWeakProbes, type WeakProbe, type WeakProbeOptions } from './weak-probe';

export type ProbeKind = 'weak' | 'tuned';

/** The probe's kind, default tuned; what else can be set depends on it. */
export type LinearProbeOptions =
  | ({ readonly kind?: 'tuned' } & TunedProbeOptions)
  | ({ readonly kind: 'weak' } & WeakProbeOptions);

/** A linear classifier of one task on the features of a frozen encoder; what only one kind has is optional. */
export interface LinearProbe extends Partial<TunedProbe>, Partial<WeakProbe> {
  kind: ProbeKind;
  /** [column] by the raw features */
  weights: Float64Array;
  intercept: number;
  /** on the validation set, 0 to 1; where it chose C or the epoch, it is slightly too high */
  validationAuroc: number;
  /** on the test set, where one was given */
  test?: { auroc: number; auprc: number };
  /** Logits of rows, [row]: the probability is 1 / (1 + exp(-logit)). */
  predict(features: FeatureMatrix): Float64Array;
}

/**
 * Fits a linear probe a task: how well a linear classifier reads the labels off a frozen encoder's features
 * (paper, section 3.2).
 *
 * `tuned`: features standardised by the training set's mean and standard deviation; L2 logistic regression, equal to
 * scikit-learn's; C on a log grid, chosen by the AUROC on the validation set, or by its mean over folds of the training
 * patients.
 * `weak`: a linear layer on the raw features, trained by Adam (1e-3, batches of 256, at most 50 epochs) on the binary
 * cross-entropy, best epoch by the validation loss. The paper's low figures look like such a probe.
 *
 * @param sets train, validation and perhaps test: features [row, column] and labels [row] a task, any number of tasks
 * @param options kind, default 'tuned'; tuned: Cs, tolerance, selection, groups, folds,
 *   seed, onFit; weak: seed, epochs, learningRate, batchSize, patience
 * @returns a probe a task
 * @throws ArgumentError when lengths do not fit, a feature is not finite (with its row), a label is not 0 or 1, or the
 *   training labels of a task are of one class only
 * @throws UndefinedMetricError when the validation or test labels of a task are of one class only
 */
export function linearProbe<Name extends string = Task>(
  sets: { train: ProbeSet<Name>; validation: ProbeSet<Name>; test?: ProbeSet<Name> },
  options: LinearProbeOptions = {},
): Record<Name, LinearProbe> {
  return runToEnd(fitLinearProbes(sets, options));
}

/** As `linearProbe`, yielding between passes over the features, so that it can be stopped. */
export function* fitLinearProbes<Name extends string = Task>(
  sets: { train: ProbeSet<Name>; validation: ProbeSet<Name>; test?: ProbeSet<Name> },
  options: LinearProbeOptions = {},
): Interruptible<Record<Name, LinearProbe>> {
  const { train, validation, test } = sets;
  const tasks = Object.keys(train.labels) as Name[];
  checkProbeSet(train, { name: 'training', tasks });
  checkProbeSet(validation, { name: 'validation', tasks, columns: train.features.columns });
  if (test !== undefined) checkProbeSet(test, { name: 'test', tasks, columns: train.features.columns });
  for (const task of tasks) checkBothClasses(train.labels[task], task);

  const { kind = 'tuned' } = options;
  const fitted = yield* fitProbes(train, validation, tasks, options);
  const probes = tasks.map((task): [Name, LinearProbe] => {
    const probe = fitted.get(task) as TunedProbe | WeakProbe;
    const predict = (features: FeatureMatrix) => linearScores(features, probe);
    const validationAuroc = rocAucScore(validation.labels[task], predict(validation.features));
    return [task, { kind, ...probe, validationAuroc, test: test && scoresOf(test, task, predict), predict }];
  });
  return Object.fromEntries(probes) as Record<Name, LinearProbe>;
}

function fitProbes<Name extends string>(
  train: ProbeSet<Name>,
  validation: ProbeSet<Name>,
  tasks: readonly Name[],
  options: LinearProbeOptions,
): Interruptible<Map<Name, TunedProbe | WeakProbe>> {
  if (options.kind === 'weak') return fitWeakProbes(train, validation, { ...options, tasks });
  if (options.kind === undefined || options.kind === 'tuned') {
    return fitTunedProbes(train, validation, { ...options, tasks });
  }
  const actual = String((options as { kind: unknown }).kind);
  throw new ArgumentError('kind of probe', { expected: "'tuned' or 'weak'", actual });
}

function scoresOf<Name extends string>(
  { features, labels }: ProbeSet<Name>,
  task: Name,
  predict: LinearProbe['predict'],
): { auroc: number; auprc: number } {
  const logits = predict(features);
  return { auroc: rocAucScore(labels[task], logits), auprc: averagePrecisionScore(labels[task], logits) };
}
