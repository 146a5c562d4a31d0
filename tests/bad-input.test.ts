import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KitError } from '../lib/errors';
import { fitStandardScaler } from '../lib/evaluate/standard-scaler';
import * as kit from '../lib/index';
import { TensorBoardLog } from '../lib/io/tensorboard-events';
import { exampleRecord } from './signal/example-record';

const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
const path = join(folder, 'file');
const any = <T>(value: unknown) => value as T;

const matrix = (values: number[], rows = values.length / 2) => ({
  values: Float32Array.from(values),
  rows,
  columns: 2,
});
const features = matrix([0, 1, 1, 0, 0.5, 0.2, 0.1, 0.9]);
const labels = Uint8Array.of(0, 1, 0, 1);
const stream = kit.randomStream(0, 'test');
const adc = [Int16Array.of(1, 2), Int16Array.of(3, 4)];
const wfdb = { fsHz: 500, leads: ['I', 'II'], adc };
const xml = { fsHz: 500, leads: ['I', 'II'], adc };
const patients = { labels: { MI: labels }, patientIds: ['a', 'b', 'c', 'd'] };
const risks = { supervised: 0.1, approximated: 0.2, heldOut: 0.3, test: 0.4 };
const sections = kit.butterworthBandPass({ lowHz: 0.5, highHz: 40 }, 250);
const ecgs = tf.zeros<tf.Rank.R3>([2, 12, 100]);
const masking = kit.randomMasking({ batch: 2, patches: 4 }, { stream });
const column = (type: string, values: unknown, name = 'a') => any<kit.ParquetColumn>({ name, type, values });

/** What each public entry must refuse; most answered with NaN, nonsense, a file that cannot be read, or a bare error. */
const REFUSED: Readonly<Record<string, readonly (() => unknown)[]>> = {
  logisticRegression: [
    () => kit.logisticRegression(features, [Uint8Array.of(1, 1, 1, 1)]),
    () => kit.logisticRegression(features, [Uint8Array.of(1, 2, 1, 2)]),
    () => kit.logisticRegression(features, [labels, any(undefined)]),
    () => kit.logisticRegression(features, [labels.subarray(1)]),
    () => kit.logisticRegression(features, [any([0, 1, Number.NaN, 1])]),
    () => kit.logisticRegression(matrix([0, 1, Number.NaN, 0, 1, 1, 1, 0]), [labels]),
    () => kit.logisticRegression(matrix([0, 1, Number.POSITIVE_INFINITY, 0, 1, 1, 1, 0]), [labels]),
    () => kit.logisticRegression({ ...features, values: features.values.subarray(1) }, [labels]),
    () => kit.logisticRegression({ values: new Float32Array(0), rows: 0, columns: 2 }, [new Uint8Array(0)]),
    () => kit.logisticRegression(features, [labels], { C: Number.NaN }),
    () => kit.logisticRegression(features, [labels], { tolerance: Number.NaN }),
    () => kit.logisticRegression(features, [labels], { tolerance: -1 }),
    () => kit.logisticRegression(features, [labels], { maxIterations: 0 }),
  ],
  'the standard scaler': [
    () => fitStandardScaler({ values: new Float32Array(0), rows: 0, columns: 2 }),
    () => fitStandardScaler(matrix([0, Number.NaN])),
    () => fitStandardScaler({ ...features, rows: 3 }),
    () => fitStandardScaler(features).transform({ ...features, rows: 2, columns: 4 }),
    () => fitStandardScaler(features).transform(matrix([1, Number.NEGATIVE_INFINITY])),
  ],
  'the scores of a probe': [
    () => probe().predict(matrix([0, Number.NaN])),
    () => probe().predict({ ...features, rows: 9 }),
    () => probe().predict({ ...features, columns: 3 }),
  ],
  writeWfdbRecord: [
    ...['a b', 'a\nb', '#a', '~', 'r.hea', '\u001b', 'a\u00a0b', 'a\\b'].map(
      (name) => () => kit.writeWfdbRecord(join(folder, name), wfdb),
    ),
    ...['', ' I', 'I ', 'a  b', 'a\tb', 'a\nb', 'a\rb', '\ufffd', '\ud800'].map(
      (lead) => () => kit.writeWfdbRecord(path, { ...wfdb, leads: ['I', lead] }),
    ),
    ...[Number.NaN, 0, -1, Number.POSITIVE_INFINITY].map((fsHz) => () => kit.writeWfdbRecord(path, { ...wfdb, fsHz })),
    ...[Number.NaN, 0, Number.POSITIVE_INFINITY, 1e-30].map(
      (gainPerMv) => () => kit.writeWfdbRecord(path, { ...wfdb, gainPerMv }),
    ),
    ...[0.5, Number.NaN, 2 ** 32].map((baseline) => () => kit.writeWfdbRecord(path, { ...wfdb, baseline })),
    ...['a\nb', ' a', '#a', '\r'].map((text) => () => kit.writeWfdbRecord(path, { ...wfdb, comments: [text] })),
    ...[2 ** 15, -(2 ** 15), 0.5, Number.NaN].map(
      (value) => () => kit.writeWfdbRecord(path, { ...wfdb, adc: [any([value, 0]), adc[1]] }),
    ),
    () => kit.writeWfdbRecord(path, { ...wfdb, leads: [], adc: [] }),
  ],
  writeUkBiobankXml: [
    ...[Number.NaN, 0, -5, 1e-7, 1e9].map((fsHz) => () => kit.writeUkBiobankXml(path, { ...xml, fsHz })),
    ...[Number.NaN, 0, Number.POSITIVE_INFINITY].map(
      (uvPerLsb) => () => kit.writeUkBiobankXml(path, { ...xml, uvPerLsb }),
    ),
    ...['', ' ', 'I', 'i', 'a"b'].map((lead) => () => kit.writeUkBiobankXml(path, { ...xml, leads: ['I', lead] })),
    () => kit.writeUkBiobankXml(path, { ...xml, leads: [], adc: [] }),
  ],
  writeSafetensors: [
    () => kit.writeSafetensors(path, new Map([['a', { shape: [3], data: Float32Array.of(1) }]])),
    () => kit.writeSafetensors(path, new Map([['a', { shape: [-1, -1], data: Float32Array.of(1) }]])),
    () => kit.writeSafetensors(path, new Map([['__metadata__', { shape: [1], data: Float32Array.of(1) }]])),
    () => kit.writeSafetensors(path, new Map([['a', { shape: [1], data: any(Int8Array.of(1)) }]])),
    () => kit.writeSafetensors(path, new Map(), { metadata: any({ a: 1 }) }),
  ],
  writeNpy: [
    () => kit.writeNpy(path, Float32Array.of(1, 2), { shape: [-1, -2] }),
    () => kit.writeNpy(path, Float32Array.of(1), { shape: [0.5, 2] }),
    () => kit.writeNpy(path, any([1, 2])),
  ],
  writeParquet: [
    () => kit.writeParquet(path, []),
    () => kit.writeParquet(path, [column('INT32', [1]), column('INT32', [2])]),
    () => kit.writeParquet(path, [column('INT32', [1, 2]), column('INT32', [2], 'b')]),
    ...[0.5, Number.NaN, 2 ** 31, null].map((value) => () => kit.writeParquet(path, [column('INT32', [value])])),
    ...[null, undefined, 7].map((value) => () => kit.writeParquet(path, [column('STRING', [value])])),
    () => kit.writeParquet(path, [column('BOOLEAN', [1])]),
    () => kit.writeParquet(path, [column('DOUBLE', ['1'])]),
    () => kit.writeParquet(path, [column('DATE', [1])]),
  ],
  writeHdf5: [
    () => kit.writeHdf5(path, { a: { values: any([1, 2]), shape: [2] } }),
    () => kit.writeHdf5(path, { a: { values: any<Float32Array[]>(['x', Float32Array.of(1)]), shape: [2] } }),
    () => kit.writeHdf5(path, { a: { values: Float32Array.of(1, 2), shape: [Number.NaN] } }),
    () => kit.writeHdf5(path, { a: { values: Float32Array.of(1, 2), chunks: [0] } }),
    () => kit.writeHdf5(path, { 'a/b': { values: Float32Array.of(1) } }),
    () => kit.writeHdf5(path, { '': { values: Float32Array.of(1) } }),
  ],
  'the log for TensorBoard': [Number.NaN, -1, 0.5].map(
    (step) => () => new TensorBoardLog(join(folder, 'tfevents'), 0).add({ step, wallTime: 1, scalars: {} }),
  ),
  'groupedSplit, dataUsageSubset and caseRatioSubset': [
    () => kit.groupedSplit({ ...patients, labels: { MI: Uint8Array.of(0, 1, 2, 1) } }, { seed: 0 }),
    () => kit.groupedSplit(patients, any({})),
    () =>
      kit.dataUsageSubset(
        { ...patients, labels: { MI: any<Uint8Array>([0, 1, Number.NaN, 1]) } },
        { share: 0.5, seed: 0 },
      ),
    () => kit.dataUsageSubset(patients, { share: 0.5, seed: Number.NaN }),
    () => kit.caseRatioSubset(Uint8Array.of(0, 1, 2, 1), { ratio: 0.5, ecgs: 2, seed: 0 }),
    () => kit.caseRatioSubset(labels, { ratio: 0.01, ecgs: 2, seed: 0 }),
  ],
  randomStream: [
    () => kit.randomStream(Number.NaN, 'a'),
    () => kit.randomStream(any(undefined), 'a'),
    () => kit.randomStream(0, 'a', Number.POSITIVE_INFINITY),
    ...[0, -1, 1.5, Number.NaN, 2 ** 33].map((n) => () => stream.integer(n)),
  ],
  'patchify and unpatchify': [
    ...[0, -5, 2.5, Number.NaN].map((size) => () => kit.patchify(ecgs, size)),
    () => kit.patchify(ecgs, 200, { remainder: 'crop' }),
    () => kit.unpatchify(kit.patchify(ecgs, 25), { leads: 7, samples: 100 }),
    () => kit.unpatchify(kit.patchify(ecgs, 25), { leads: 12, samples: 101 }),
    () => kit.unpatchify(kit.patchify(ecgs, 25), { leads: 12, samples: Number.NaN }),
  ],
  randomMasking: [
    ...[Number.NaN, -1, 1.5, 0].map((batch) => () => kit.randomMasking({ batch, patches: 4 }, { stream })),
    ...[10.5, Number.NaN, 1].map((patches) => () => kit.randomMasking({ batch: 1, patches }, { stream })),
    ...[0, 1, Number.NaN].map((ratio) => () => kit.randomMasking({ batch: 1, patches: 4 }, { ratio, stream })),
  ],
  losses: [
    ...[Number.NaN, 0, 1.5].map((ecgs) => () => kit.samplePositives(ecgs)),
    () => kit.hybridLoss({}),
    () => kit.hybridLoss({ sample: tf.scalar(1) }, { reconstruction: 1, patient: 1, sample: Number.NaN }),
    () => kit.contrastiveLoss(tf.ones([4, 3]), kit.samplePositives(2), { temperature: Number.NaN }),
    () => kit.contrastiveLoss(tf.ones([4, 3]), kit.samplePositives(2), { temperature: Number.POSITIVE_INFINITY }),
    () => kit.contrastiveLoss(tf.ones([4, 3]), kit.samplePositives(2), { keys: tf.ones([4, 2]) }),
    () => kit.reconstructionLoss(tf.zeros([2, 3, 24]), tf.zeros([2, 5, 24]), { masking }),
    () => kit.reconstructionLoss(tf.zeros([2, 2, 24]), tf.zeros([2, 4, 24]), { masking }),
    () => kit.reconstructionLoss(tf.zeros([2, 3, 25]), tf.zeros([2, 4, 25]), { masking }),
  ],
  'resamplePoly and resamplePlan': [
    () => kit.resamplePoly(Float32Array.of(1), any({})),
    () => kit.resamplePoly(Float32Array.of(1), any({ up: 2 })),
    () => kit.resamplePlan({ up: 1, down: 1 }).apply(new Float32Array(9), new Float32Array(3)),
    () => kit.resamplePlan({ up: 5, down: 2 }).apply(new Float32Array(9), new Float32Array(3)),
    () => kit.resamplePlan({ up: 1e9 + 7, down: 1e9 }),
    ...[0, 0.5, Number.NaN, -1].map((up) => () => kit.resamplePlan({ up, down: 1 })),
  ],
  'butterworthBandPass and filterForwardBackward': [
    () => kit.butterworthBandPass({ lowHz: 0.5, highHz: 40 }, Number.POSITIVE_INFINITY),
    () => kit.butterworthBandPass({ lowHz: Number.NaN, highHz: 40 }, 250),
    () => kit.butterworthBandPass({ lowHz: 0.5, highHz: 40 }, Number.NaN),
    () => kit.filterForwardBackward(sections, Float32Array.of(0, Number.NaN, 1)),
    () => kit.filterForwardBackward(sections, Float64Array.of(0, Number.POSITIVE_INFINITY)),
  ],
  standardise: [
    () => kit.standardise({ ...exampleRecord({}), samples: 7 }),
    () => kit.standardise({ ...exampleRecord({}), signal: new Float32Array(3) }),
    () => kit.standardise({ ...exampleRecord({}), fsHz: Number.NaN }),
  ],
  augment: [
    () => kit.augment(new Float32Array(3), new Float32Array(30_000), { stream }),
    () => kit.augment(new Float32Array(30_000), new Float32Array(3), { stream }),
    () =>
      kit.augment(new Float32Array(30_000), new Float32Array(30_000), {
        stream,
        options: { crop: [0.5, Number.NaN], timeOut: [0, 0] },
      }),
  ],
  'sigmoid, risks and errors': [
    () => kit.sigmoid([0, Number.NaN]),
    () => kit.sigmoid([any(undefined)]),
    () => kit.zeroOneErrors([0, any(undefined)], [0, 1]),
    () => kit.zeroOneErrors([0, 1], [0, 2]),
    () => kit.zeroOneErrors([0, 1], [0, 1], { threshold: Number.NaN }),
    () => kit.zeroOneRisk([0], [0, 1]),
    () => kit.zeroOneRisk([0, 1], [0, 1], { weights: [1] }),
    ...[0, 16, 1.5, Number.NaN].map((digits) => () => kit.printedRisk(kit.decomposeRisk(risks), { digits })),
    () => kit.printedRisk({ ...kit.decomposeRisk(risks), usability: Number.NaN }),
    () => kit.decomposeRisk({ ...risks, test: Number.NaN }),
  ],
};

function probe() {
  const set = { features, labels: { MI: labels } };
  return kit.linearProbe({ train: set, validation: set }, { Cs: [1] }).MI;
}

describe.each(Object.entries(REFUSED))('%s', (_, calls) => {
  it.each(
    calls.map(
      (call) =>
        [
          String(call)
            .replace(/^\(\) => /, '')
            .replace(/\s+/g, ' '),
          call,
        ] as const,
    ),
  )('refuses %s', async (_name, call) => {
    const answer = await Promise.resolve()
      .then(call)
      .catch((fault: unknown) => fault);
    expect(answer).toBeInstanceOf(KitError);
    expect((answer as KitError).message).toMatch(/: expected .+, got .+/s);
  });
});

it('what writeWfdbRecord takes, readWfdbRecord gives back', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('I', 'a b', 'µV', '#x', '', ' '));
  const number = fc.oneof(fc.double(), fc.constantFrom(0, 200, -1, 0.5, 1e-7, 1e21, 2 ** 31));
  const source = fc.record({
    fsHz: number,
    leads: fc.tuple(text, text),
    gainPerMv: number,
    baseline: fc.oneof(fc.integer(), number),
    comments: fc.array(text, { maxLength: 2 }),
    adc: fc.tuple(...adc.map(() => fc.constant(Int16Array.of(-32768, 32767, 5)))),
  });
  let written = 0;
  fc.assert(
    fc.property(source, fc.oneof(fc.constant('r'), text), (given, name) => {
      const place = join(folder, 'records', name.replaceAll('\0', '').replaceAll('/', '') || 'r');
      try {
        kit.writeWfdbRecord(place, given);
      } catch (fault) {
        expect(fault).toBeInstanceOf(KitError);
        return;
      }
      written++;
      const read = kit.readWfdbRecord(place);
      expect(read.leads).toEqual(given.leads);
      expect(read.adc).toEqual(given.adc);
      expect(read.fsHz).toBe(given.fsHz);
      expect(read.gains).toEqual([given.gainPerMv, given.gainPerMv]);
      expect(read.baselines.map(Math.abs)).toEqual([given.baseline, given.baseline].map(Math.abs));
      expect(read.comments).toEqual(given.comments);
    }),
    { numRuns: 2000 },
  );
  expect(written).toBeGreaterThan(20);
});
