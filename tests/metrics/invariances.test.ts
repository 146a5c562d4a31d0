import { describe, expect, it } from 'vitest';
import { randomStream } from '../../lib/random';
import { type BinaryCase, PROBABILITY_METRICS, SCORE_METRICS } from './all-metrics';

/**
 * What becomes of a metric's figures when its inputs are transformed: 'same', 'changes' (in some cases by more than a
 * thousandth), or the figures to be expected, made of those before.
 */
type Relation = 'same' | 'changes' | ((figures: number[], example: BinaryCase) => number[]);

/** Relations of a metric to each transformation below. */
interface Relations {
  /** a rising function of the scores of one model */
  rising: Relation;
  /** labels 1 - y */
  flipped: Relation;
  /** labels 1 - y with scores -s, probabilities 1 - p */
  mirrored: Relation;
  /** records in another order */
  reordered: Relation;
  /** every record twice, the twin in the same patient */
  doubled: Relation;
}

const complement: Relation = (figures) => figures.map((figure) => 1 - figure);
const same = { rising: 'same', flipped: 'same', mirrored: 'same', reordered: 'same', doubled: 'same' } as const;
const ofOneClass: Relations = { ...same, flipped: 'changes', mirrored: 'changes' }; // AUPRCs look at positives alone
const half = <T>(list: T[]) => [list.slice(0, list.length / 2), list.slice(list.length / 2)];
const thirds = <T>(list: T[]) => [0, 1, 2].map((k) => list.slice((k * list.length) / 3, ((k + 1) * list.length) / 3));

const OF_SCORES: Record<keyof typeof SCORE_METRICS, Relations> = {
  rocAucScore: { ...same, flipped: complement },
  averagePrecisionScore: ofOneClass,
  'auprcScore by trapezoids': ofOneClass,
  prevalenceCorrectedAuprc: ofOneClass,
  'mean AUROC': { ...same, flipped: complement },
  criteria: ofOneClass,
  rocCurve: {
    ...same,
    flipped: (figures) => half(figures).reverse().flat(), // the axes change places
    mirrored: (figures) =>
      half(figures)
        .reverse()
        .flatMap((rates) => rates.map((rate) => 1 - rate).reverse()),
  },
  precisionRecallCurve: ofOneClass,
  deLongInterval: {
    ...same,
    flipped: ([value, low, high, error]) => [1 - value, 1 - high, 1 - low, error],
    doubled: ([value, , , error], { labels }) => {
      // each variance is a sum of squares over m (m - 1), and both become twice as large
      const shares = [1, 0].map((label) => {
        const m = labels.filter((l) => l === label).length;
        return Math.sqrt((m - 1) / (2 * m - 1));
      });
      expect(Math.max(...shares)).toBeLessThan(Math.SQRT1_2);
      const half = 1.959963984540054 * error * shares[0];
      return [value, Math.max(0, value - half), Math.min(1, value + half), error * shares[0]];
    },
  },
  deLongTest: {
    ...same,
    flipped: ([value, low, high, error, first, second, z, p]) => [
      -value,
      -high,
      -low,
      error,
      1 - first,
      1 - second,
      -z,
      p,
    ],
    doubled: 'changes',
  },
  'bootstrapInterval of the AUROC': {
    ...same,
    flipped: ([value, low, high]) => [1 - value, 1 - high, 1 - low],
    reordered: 'changes', // other patients are drawn; the value stays: below
  },
  'bootstrapInterval of the AUPRC': { ...ofOneClass, reordered: 'changes' },
  'pairedBootstrapDifference of the mean AUROC': {
    ...same,
    flipped: ([value, low, high]) => [-value, -high, -low],
    reordered: 'changes',
  },
};

const OF_PROBABILITIES: Record<keyof typeof PROBABILITY_METRICS, Relations> = {
  brierScoreLoss: { ...same, rising: 'changes', flipped: 'changes' },
  'expectedCalibrationError of equal widths': { ...same, rising: 'changes', flipped: 'changes' },
  'expectedCalibrationError of quantiles': { ...same, rising: 'changes', flipped: 'changes', doubled: 'changes' },
  'reliabilityCurve of equal widths': {
    ...same,
    rising: 'changes',
    flipped: (figures) => {
      const [predicted, positive, counts] = thirds(figures);
      return [...predicted, ...positive.map((share) => 1 - share), ...counts];
    },
    mirrored: (figures) => mirroredCurve(figures),
    doubled: (figures) => {
      const [predicted, positive, counts] = thirds(figures);
      return [...predicted, ...positive, ...counts.map((count) => 2 * count)];
    },
  },
  'reliabilityCurve of quantiles': {
    ...same,
    rising: 'changes',
    flipped: (figures) => {
      const [predicted, positive, counts] = thirds(figures);
      return [...predicted, ...positive.map((share) => 1 - share), ...counts];
    },
    mirrored: (figures) => mirroredCurve(figures),
    doubled: 'changes', // the edges between records move
  },
};

function mirroredCurve(figures: number[]): number[] {
  const [predicted, positive, counts] = thirds(figures).map((list) => list.reverse());
  return [...predicted.map((p) => 1 - p), ...positive.map((share) => 1 - share), ...counts];
}

const shuffle = (example: BinaryCase, c: number): BinaryCase => {
  const order = randomStream(c, 'order').shuffled(example.labels.map((_, record) => record));
  const turned = (list: number[]) => order.map((record) => list[record]);
  const { labels, scores, second, groups } = example;
  return { labels: turned(labels), scores: turned(scores), second: turned(second), groups: turned(groups) };
};
const double = (example: BinaryCase): BinaryCase => {
  const twice = (list: number[]) => [...list, ...list];
  const { labels, scores, second, groups } = example;
  return { labels: twice(labels), scores: twice(scores), second: twice(second), groups: twice(groups) };
};
const flip = (example: BinaryCase): BinaryCase => ({ ...example, labels: example.labels.map((label) => 1 - label) });

/** 32 to 122 records of half as many patients; scores on a coarse grid, probabilities all different and on no edge. */
function makeCase(c: number, kind: 'scores' | 'probabilities'): BinaryCase {
  const stream = randomStream(c, 'invariances');
  const n = 32 + 10 * stream.integer(10); // n - 1 has no divisor in common with ten bins: no quantile falls on a record
  const labels = Array.from({ length: n }, (_, i) => (i < 6 ? i % 2 : Number(stream.uniform() < 0.35)));
  const grid = (value: number) => Math.round(4 * value) / 4;
  const scores = labels.map((label) => grid(label + stream.normal()));
  const second = labels.map((label) => grid(0.5 * label + stream.normal()));
  const probability = (label: number) => 0.7 * stream.uniform() + 0.29 * label;
  return {
    labels,
    scores: kind === 'scores' ? scores : labels.map(probability),
    second,
    groups: labels.map((_, record) => Math.floor(record / 2)),
  };
}

/** Transforms cases and compares the figures with what the relation says. */
function check(
  metric: (example: BinaryCase) => number[],
  relation: Relation,
  options: { cases: BinaryCase[]; transform: (example: BinaryCase, c: number) => BinaryCase; exact?: boolean },
): void {
  let largest = 0;
  options.cases.forEach((example, c) => {
    const before = metric(example);
    const after = metric(options.transform(example, c));
    const expected = typeof relation === 'function' ? relation([...before], example) : before;
    if (relation === 'changes') {
      if (after.length !== before.length) largest = 1; // another number of bins
      largest = Math.max(largest, ...after.map((figure, i) => Math.abs(figure - (before[i] ?? figure))));
      return;
    }
    if (options.exact) {
      expect(after).toEqual(expected);
      return;
    }
    expect(after).toHaveLength(expected.length);
    after.forEach((figure, i) => {
      expect(Math.abs(figure - expected[i])).toBeLessThan(1e-12);
    });
  });
  if (relation === 'changes') expect(largest).toBeGreaterThan(1e-3);
}

const scoreCases = Array.from({ length: 6 }, (_, c) => makeCase(c, 'scores'));
const probabilityCases = Array.from({ length: 6 }, (_, c) => makeCase(c, 'probabilities'));

describe.each(Object.entries(OF_SCORES))('%s', (name, relations) => {
  const metric: (example: BinaryCase) => number[] = SCORE_METRICS[name as keyof typeof SCORE_METRICS];
  const cases = scoreCases;

  it.each<[string, (score: number) => number]>([
    ['exp', Math.exp],
    ['a cube root', Math.cbrt],
    ['3 s - 7', (score) => 3 * score - 7],
    ['the sigmoid', (score) => 1 / (1 + Math.exp(-score))],
  ])(`under a rising transform, %s: ${told(relations.rising)}`, (_what, f) => {
    const transform = (example: BinaryCase) => ({ ...example, scores: example.scores.map(f) });
    check(metric, relations.rising, { cases, transform, exact: true });
  });

  it(`under flipped labels: ${told(relations.flipped)}`, () => {
    check(metric, relations.flipped, { cases, transform: flip });
  });

  it(`under flipped labels and negated scores: ${told(relations.mirrored)}`, () => {
    const negated = (scores: number[]) => scores.map((score) => -score);
    const transform = (example: BinaryCase) => {
      return { ...flip(example), scores: negated(example.scores), second: negated(example.second) };
    };
    check(metric, relations.mirrored, { cases, transform });
  });

  it(`in another order of records: ${told(relations.reordered)}`, () => {
    check(metric, relations.reordered, { cases, transform: shuffle });
    const value: typeof metric = (example) => metric(example).slice(0, 1);
    check(value, 'same', { cases, transform: shuffle });
  });

  it(`with every record twice: ${told(relations.doubled)}`, () => {
    if (name === 'deLongInterval') {
      // as many positives as negatives: then both variances shrink alike
      const balanced = cases.map((example) => balance(example));
      check(metric, relations.doubled, { cases: balanced, transform: double });
    } else {
      check(metric, relations.doubled, { cases, transform: double });
    }
  });
});

describe.each(Object.entries(OF_PROBABILITIES))('%s', (name, relations) => {
  const metric: (example: BinaryCase) => number[] = PROBABILITY_METRICS[name as keyof typeof PROBABILITY_METRICS];
  const cases = probabilityCases;

  it.each<[string, (score: number) => number]>([
    ['a square', (p) => p * p],
    ['a square root', Math.sqrt],
  ])(`under a rising transform, %s: ${told(relations.rising)}`, (_what, f) => {
    const transform = (example: BinaryCase) => ({ ...example, scores: example.scores.map(f) });
    check(metric, relations.rising, { cases, transform });
  });

  it(`under flipped labels: ${told(relations.flipped)}`, () => {
    check(metric, relations.flipped, { cases, transform: flip });
  });

  it(`under flipped labels and probabilities: ${told(relations.mirrored)}`, () => {
    const transform = (example: BinaryCase) => ({ ...flip(example), scores: example.scores.map((p) => 1 - p) });
    check(metric, relations.mirrored, { cases, transform });
  });

  it(`in another order of records: ${told(relations.reordered)}`, () => {
    check(metric, relations.reordered, { cases, transform: shuffle });
  });

  it(`with every record twice: ${told(relations.doubled)}`, () => {
    check(metric, relations.doubled, { cases, transform: double });
  });
});

function told(relation: Relation): string {
  return typeof relation === 'function' ? 'as the table says' : relation;
}

/** As many negatives as positives, the last ones left out. */
function balance(example: BinaryCase): BinaryCase {
  const rows = [1, 0].flatMap((label) => {
    return example.labels.flatMap((l, record) => (l === label ? [record] : [])).slice(0, 10);
  });
  const taken = (list: number[]) => rows.map((record) => list[record]);
  const { labels, scores, second, groups } = example;
  return { labels: taken(labels), scores: taken(scores), second: taken(second), groups: taken(groups) };
}
