import { describe, expect, it } from 'vitest';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { bootstrapDraw } from '../../lib/metrics/bootstrap-areas';
import { bootstrapInterval, bootstrapIntervals } from '../../lib/metrics/bootstrap-interval';
import { allMeasures, MEASURES, type Measure, measureScore } from '../../lib/metrics/measure';
import { pairedBootstrapDifference } from '../../lib/metrics/paired-bootstrap-difference';
import { percentile } from '../../lib/metrics/percentile';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { examplePredictions } from './example-predictions';

describe('bootstrapDraw', () => {
  it('is decided by seed, resample and attempt', () => {
    const draw = (seed: number, resample: number, attempt: number) => bootstrapDraw(50, { seed, resample, attempt });
    expect(draw(0, 0, 0)).toEqual(draw(0, 0, 0));
    for (const other of [draw(1, 0, 0), draw(0, 1, 0), draw(0, 0, 1)]) expect(other).not.toEqual(draw(0, 0, 0));
  });

  it('gives these units, on which every interval depends', () => {
    expect([...bootstrapDraw(9, { seed: 1, resample: 2, attempt: 3 })]).toEqual([0, 5, 4, 3, 5, 8, 1, 8, 4]);
  });

  it('draws every unit equally often', () => {
    const counts = new Uint32Array(20);
    for (let resample = 0; resample < 5000; resample++) {
      for (const unit of bootstrapDraw(20, { seed: 3, resample, attempt: 0 })) counts[unit]++;
    }
    // 100,000 draws over 20 units: chi-squared with 19 degrees of freedom, below 43.8 in 999 of 1,000 seeds
    expect(counts.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0)).toBeLessThan(43.8);
  });
});

describe('bootstrapInterval', () => {
  const predictions = examplePredictions();

  it('gives each measure of a row from the same resamples as one by one', () => {
    const row = bootstrapIntervals(predictions, { resamples: 200 });
    expect(Object.keys(row)).toEqual([...MEASURES]);
    for (const measure of MEASURES) {
      expect(bootstrapInterval(predictions, { measure, resamples: 200 })).toEqual(row[measure]);
      expect(row[measure].value).toBe(measureScore(predictions, measure));
      expect(row[measure].low).toBeLessThan(row[measure].value);
      expect(row[measure].high).toBeGreaterThan(row[measure].value);
    }
    expect(allMeasures(predictions).criteria).toBe(row.criteria.value);
  });

  it('sees the same resample in all tasks: the mean of four equal tasks varies like one', () => {
    const { labels, scores } = predictions;
    const four = { MI: labels.MI, STTC: labels.MI, CD: labels.MI, HYP: labels.MI };
    const equal = {
      ...predictions,
      labels: four,
      scores: { ...scores, STTC: scores.MI, CD: scores.MI, HYP: scores.MI },
    };
    const row = bootstrapIntervals(equal, { resamples: 100 });
    expect(row.mean_auroc.low).toBeCloseTo(row.auroc_mi.low, 12);
    expect(row.mean_auroc.high).toBeCloseTo(row.auroc_mi.high, 12);
  });

  it('is wider by patients than by records when the two ECGs of a patient are the same', () => {
    const twins = examplePredictions();
    for (const task of ['MI', 'STTC', 'CD', 'HYP'] as const) {
      for (let record = 0; record < 200; record += 2) {
        twins.labels[task][record + 1] = twins.labels[task][record];
        twins.scores[task][record + 1] = twins.scores[task][record];
      }
    }
    const width = (unit: 'patient' | 'record') => {
      const { low, high } = bootstrapInterval(twins, { measure: 'mean_auroc', unit, resamples: 400 });
      return high - low;
    };
    expect(width('patient') / width('record')).toBeGreaterThan(1.2);
    expect(width('patient') / width('record')).toBeLessThan(1.7); // sqrt(2) in the limit
  });

  it('covers the true AUROC in about 95 of 100 samples', () => {
    let covered = 0;
    for (let model = 0; model < 200; model++) {
      const { labels, scores } = examplePredictions({ model, records: 300, gain: Math.SQRT2 });
      const { low, high } = bootstrapInterval(labels.MI, scores.MI, { measure: 'auroc', resamples: 200, seed: model });
      if (low < 0.8413447 && high > 0.8413447) covered++; // Phi(gain / sqrt 2) = Phi(1)
    }
    expect(covered).toBeGreaterThan(178);
    expect(covered).toBeLessThan(200);
  });

  it('takes any binary labels and scores, with groups or without', () => {
    const { labels, scores, patientIds } = predictions;
    const byPatient = bootstrapInterval(labels.HYP, scores.HYP, { measure: 'auroc', groups: patientIds });
    expect(byPatient.resamples).toBe(1000);
    expect(byPatient).toEqual(bootstrapInterval(predictions, { measure: 'auroc_hyp' }));
    const byRecord = bootstrapInterval(labels.HYP, scores.HYP, { measure: 'auprc', resamples: 100 });
    const options = { measure: 'auprc_hyp', unit: 'record', resamples: 100 } as const;
    expect(byRecord).toEqual(bootstrapInterval(predictions, options));
  });

  it('narrows with the level', () => {
    const width = (level: number) => {
      const { low, high } = bootstrapInterval(predictions, { measure: 'criteria', level, resamples: 300 });
      return high - low;
    };
    expect(width(0.5)).toBeLessThan(width(0.9));
    expect(width(0.9)).toBeLessThan(width(0.99));
  });

  it('averages the runs of one model', () => {
    const runs = [1, 2, 3].map((model) => examplePredictions({ model }));
    const each = runs.map((run) => measureScore(run, 'criteria'));
    const mean = bootstrapInterval(runs, { measure: 'criteria', resamples: 50 });
    expect(mean.value).toBeCloseTo((each[0] + each[1] + each[2]) / 3, 12);
    expect(mean.low).toBeLessThan(mean.value);
  });

  it('draws the runs anew as well: equal ones widen nothing, with the patients held still their spread is all', () => {
    const [run, other] = [1, 2].map((model) => examplePredictions({ model }));
    const options = { measure: 'criteria', resamples: 400 } as const;
    const [one, three] = [[run], [run, run, run]].map((runs) => bootstrapInterval(runs, options));
    for (const end of ['low', 'high'] as const) expect(three[end]).toBeCloseTo(one[end], 12);

    const draw = (units: number) => Array.from({ length: units }, (_, unit) => unit);
    const still = bootstrapInterval([run, other], { ...options, draw });
    const [a, b] = [run, other].map((each) => measureScore(each, 'criteria')).sort((x, y) => x - y);
    expect(still).toMatchObject({ low: a, high: b }); // a quarter of the draws takes a run twice
    const pair = pairedBootstrapDifference([run, other], [run, other], { ...options, draw });
    expect(pair).toMatchObject({ value: 0, low: 0, high: 0 }); // both models take runs from the same places
  });

  it('draws again, and counts, resamples with one class only', () => {
    // one positive among 10: a resample misses it with probability .9^10 = .35
    const labels = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const scores = [5, 1, 2, 3, 9, 4, 6, 0, 8, 7];
    const interval = bootstrapInterval(labels, scores, { measure: 'auroc', resamples: 500 });
    expect(interval.value).toBe(rocAucScore(labels, scores));
    expect(interval.resamples).toBe(500);
    expect(interval.redrawn).toBeGreaterThan(190); // 500 x .35 / .65 = 269 expected
    expect(interval.redrawn).toBeLessThan(350);
  });

  it('gives up when no resample has both classes', () => {
    let attempts = 0;
    const draw = () => {
      attempts++;
      return [0, 0];
    };
    const call = () => bootstrapInterval([0, 1], [1, 2], { measure: 'auroc', draw });
    expect(call).toThrow(UndefinedMetricError);
    expect(attempts).toBe(1000);
    expect(call).toThrow(
      'bootstrap: expected resamples with both classes, got one class only in 1000 attempts at resample 0',
    );
  });

  it('takes a single resample', () => {
    const { low, high, resamples } = bootstrapInterval(predictions, { measure: 'criteria', resamples: 1 });
    expect(resamples).toBe(1);
    expect(low).toBe(high);
  });

  it.each([
    ['resamples', { resamples: 0 }, /resamples: expected a whole number from 1 to 1000000, got 0/],
    ['resamples', { resamples: 1.5 }, /resamples: expected a whole number from 1 to 1000000, got 1.5/],
    ['resamples', { resamples: 1e12 }, /resamples: expected a whole number from 1 to 1000000, got 1000000000000/],
    ['level', { level: 95 }, /level: expected a number between 0 and 1, got 95/],
    ['level', { level: 1 }, /level: expected a number between 0 and 1, got 1/],
    ['level', { level: 0 }, /level: expected a number between 0 and 1, got 0/],
    ['level', { level: -0.5 }, /level: expected a number between 0 and 1, got -0.5/],
    ['unit', { unit: 'lead' as never }, /unit: expected 'patient' or 'record', got lead/],
    ['measure', { measure: 'accuracy' as Measure }, /measure: expected auroc_mi, .* got accuracy/],
    ['draw', { draw: () => [100] }, /unit drawn: expected 0 to 99, got 100/],
  ])('refuses a bad %s', (_what, options, message) => {
    const call = () => bootstrapInterval(predictions, { measure: 'criteria', resamples: 5, ...options });
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });

  it('refuses a measure that one task does not have', () => {
    for (const measure of ['criteria', 'auroc_mi']) {
      const call = () => bootstrapInterval([0, 1], [1, 2], { measure: measure as 'auroc' });
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(`measure: expected 'auroc' or 'auprc', got ${measure}`);
    }
  });

  it.each([
    ['a patient alone', ['a', 'a', 'a', 'a'], /bootstrap: expected at least two patients .* got 1/],
    ['two patients of one class each', ['a', 'b', 'a', 'b'], /three where each has one class only, got 2/],
  ])('refuses %s, whose interval would have no width', (_, groups, message) => {
    const call = () => bootstrapInterval([0, 1, 0, 1], [1, 2, 3, 4], { measure: 'auroc', groups });
    expect(call).toThrow(UndefinedMetricError);
    expect(call).toThrow(message);
  });

  it('takes two patients of whom one has both classes, and three of one class each', () => {
    for (const groups of [
      ['a', 'b', 'a', 'a'],
      ['a', 'b', 'c', 'b'],
    ]) {
      const { low, high } = bootstrapInterval([0, 1, 0, 1], [3, 2, 1, 4], { measure: 'auprc', groups });
      expect(high).toBeGreaterThan(low);
    }
  });

  it('refuses one patient in predictions, and missing patients, by name', () => {
    const options = { measure: 'auroc_mi', resamples: 5 } as const;
    const alone = { ...predictions, patientIds: predictions.patientIds.map(() => '7') };
    expect(() => bootstrapInterval(alone, options)).toThrow(UndefinedMetricError);
    expect(() => pairedBootstrapDifference(alone, alone, options)).toThrow(UndefinedMetricError);
    expect(bootstrapInterval(alone, { ...options, unit: 'record' }).resamples).toBe(5);
    for (const id of ['nan', 'None', '', '1.23457E+11', '#N/A']) {
      const lost = { ...predictions, patientIds: predictions.patientIds.map((own, row) => (row % 3 === 1 ? id : own)) };
      expect(() => bootstrapInterval(lost, options), id).toThrow(ArgumentError);
      expect(() => pairedBootstrapDifference(lost, lost, options), id).toThrow(/^row 1: patient id: expected/);
    }
  });

  it('takes 12.0 and 12 for one patient', () => {
    const [yTrue, yScore] = [
      [0, 1, 0, 1, 1, 0],
      [1, 2, 3, 4, 0, 5],
    ];
    const of = (groups: (string | number)[]) => bootstrapInterval(yTrue, yScore, { measure: 'auroc', groups });
    expect(of(['12.0', '12', 'a', 'a', 'b', 'b'])).toEqual(of(['12', '12', 'a', 'a', 'b', 'b']));
  });

  it('refuses groups of another length', () => {
    const call = () => bootstrapInterval([0, 1], [1, 2], { measure: 'auroc', groups: ['a'] });
    expect(call).toThrow(/groups: expected 2, one a record, got 1/);
  });
});

describe('pairedBootstrapDifference', () => {
  const [better, worse] = [examplePredictions({ gain: 1.5 }), examplePredictions({ gain: 0.5, model: 1 })];

  it('is zero, without width, for a model and itself', () => {
    const { value, low, high } = pairedBootstrapDifference(better, better, { measure: 'criteria', resamples: 50 });
    expect([value, low, high]).toEqual([0, 0, 0]);
  });

  it('turns its sign when the models change places', () => {
    const there = pairedBootstrapDifference(better, worse, { measure: 'mean_auroc', resamples: 200 });
    const back = pairedBootstrapDifference(worse, better, { measure: 'mean_auroc', resamples: 200 });
    expect(there.low).toBeGreaterThan(0);
    expect(back.value).toBeCloseTo(-there.value, 14);
    expect(back.low).toBeCloseTo(-there.high, 14);
    expect(back.high).toBeCloseTo(-there.low, 14);
  });

  it('is narrower than two separate intervals when the models err alike', () => {
    const alike = {
      ...better,
      scores: { ...better.scores, MI: better.scores.MI.map((s, i) => s + 0.1 * Math.sin(i)) },
    };
    const difference = pairedBootstrapDifference(better, alike, { measure: 'auroc_mi', resamples: 200 });
    const alone = bootstrapInterval(better, { measure: 'auroc_mi', resamples: 200 });
    expect(difference.high - difference.low).toBeLessThan((alone.high - alone.low) / 4);
  });

  it('compares the means of several runs', () => {
    const firsts = [better, examplePredictions({ gain: 1.4, model: 5 })];
    const difference = pairedBootstrapDifference(firsts, worse, { measure: 'criteria', resamples: 50 });
    const mean = (measureScore(firsts[0], 'criteria') + measureScore(firsts[1], 'criteria')) / 2;
    expect(difference.first).toBeCloseTo(mean, 12);
    expect(difference.value).toBeCloseTo(mean - measureScore(worse, 'criteria'), 12);
  });

  it('refuses models of other records, patients or labels, and says which', () => {
    const other = (change: object) => () =>
      pairedBootstrapDifference(better, { ...worse, ...change }, { measure: 'criteria', resamples: 5 });
    const swapped = [...worse.recordIds];
    swapped[3] = 'record x';
    const labels = { ...worse.labels, CD: worse.labels.CD.map((label) => 1 - label) };
    expect(other({ recordIds: swapped })).toThrow(ArgumentError);
    expect(other({ recordIds: swapped })).toThrow(
      /record record 3, row 3: record id .*expected record 3, got record x/,
    );
    expect(other({ patientIds: worse.patientIds.map((id) => `${id}x`) })).toThrow(
      /patient id .*patient 0, got patient 0x/,
    );
    expect(other({ labels })).toThrow(/label of CD/);
    expect(other(examplePredictions({ records: 100 }))).toThrow(/record ids .*expected 200 in each, got 200 and 100/);
    expect(() => pairedBootstrapDifference([], worse, { measure: 'criteria' })).toThrow(/at least one run/);
  });
});

describe('percentile', () => {
  it('is linear between order statistics, as NumPy', () => {
    const values = Float64Array.of(1, 2, 4, 8);
    expect([0, 0.25, 0.5, 0.9, 1].map((share) => percentile(values, share))).toEqual([
      1, 1.75, 3, 6.800000000000001, 8,
    ]);
    expect(percentile(Float64Array.of(3), 0.975)).toBe(3);
  });

  it('rounds as numpy.percentile: from the nearer of the two', () => {
    expect(percentile(Float64Array.of(0.27, 0.64), 0.04)).toBe(0.2848);
    expect(percentile(Float64Array.of(0.18, 0.86), 0.54)).toBe(0.5472);
    expect(percentile(Float64Array.of(0.176, 0.73), 0.5)).toBe(0.45299999999999996);
  });
});
