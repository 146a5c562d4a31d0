import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fitStandardScaler } from '../../lib/evaluate/standard-scaler';
import type { Risks } from '../../lib/risk/decompose-risk';
import { penaltySearch } from '../../lib/risk/penalty-search';
import { fitSubsetProbes } from '../../lib/risk/subset-probes';
import { RISK_MODES, risksReader, type TaskRisk } from '../../lib/risk/task-risk';

interface Golden {
  columns: number;
  trainFeatures: number[];
  labels: number[];
  testFeatures: number[];
  testLabels: number[];
  splits: number[];
  folds: number[];
  supervised: number[];
  priorLogOdds: number;
  Cs: number[];
  foldErrors: number[];
  C: number;
  CsOfSplits: number[];
  fitted: number[];
  heldOut: number[];
  test: number[];
  robust: Risks;
  paper: Risks;
}
const problems: Golden[] = JSON.parse(readFileSync(resolve(__dirname, '../golden/risk.json'), 'utf8'));
const ids = (n: number) => Array.from({ length: n }, (_, i) => String(i));

describe.each(problems.map((golden, i) => [i, golden] as const))('problem %d equals scikit-learn', (_, golden) => {
  const { columns, Cs } = golden;
  const matrix = (values: number[]) => ({
    values: Float32Array.from(values),
    rows: values.length / columns,
    columns,
  });
  const labels = Uint8Array.from(golden.labels);
  const testLabels = Uint8Array.from(golden.testLabels);
  const splits = Uint16Array.from(golden.splits);
  const folds = Uint16Array.from(golden.folds);
  const train = matrix(golden.trainFeatures);
  const probes = fitSubsetProbes({ train, labels, test: matrix(golden.testFeatures) }, { splits, folds, Cs });

  it('in the errors of every fold at every C', () => {
    const standardised = fitStandardScaler(train).transform(train);
    const errors = penaltySearch(standardised, labels, { Cs }).foldErrors(folds);
    expect(errors.map((ofC) => ofC.reduce((sum, wrong) => sum + wrong, 0))).toEqual(golden.foldErrors);
  });

  it('in the C chosen, for all records and without each split', () => {
    expect(probes.C).toBe(golden.C);
    expect(probes.CsOfSplits).toEqual(golden.CsOfSplits);
  });

  it('in the logits', () => {
    for (const name of ['fitted', 'heldOut', 'test'] as const) {
      const expected = golden[name];
      expect(probes[name]).toHaveLength(expected.length);
      expect(Math.max(...expected.map((logit, row) => Math.abs(logit - probes[name][row])))).toBeLessThan(2e-5);
    }
  });

  it.each(RISK_MODES)('in the four risks, %s mode', (mode) => {
    const records = (own: Uint8Array) => ({ recordIds: ids(own.length), patientIds: ids(own.length), labels: own });
    const task: TaskRisk = {
      train: {
        ...records(labels),
        supervised: Float64Array.from(golden.supervised),
        fitted: probes.fitted,
        heldOut: probes.heldOut,
        split: splits,
        C: Float64Array.from(splits, (split) => probes.CsOfSplits[split]),
      },
      test: { ...records(testLabels), fitted: probes.test },
      C: probes.C,
      priorLogOdds: golden.priorLogOdds,
    };
    const risks = risksReader(task, { mode })();
    for (const [name, risk] of Object.entries(golden[mode])) expect(risks[name as keyof Risks]).toBeCloseTo(risk, 12);
  });
});
