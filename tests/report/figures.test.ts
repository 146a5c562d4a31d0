import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { EcgRecord } from '../../lib/datasets/ecg-record';
import { ArgumentError, UndefinedMetricError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { beforeAfterFigure } from '../../lib/report/before-after-figure';
import { beforeAfterStripsFigure } from '../../lib/report/before-after-strips-figure';
import { ecgFigure } from '../../lib/report/ecg-figure';
import { embeddingMapFigure } from '../../lib/report/embedding-map-figure';
import { faultyEcgsFigure } from '../../lib/report/faulty-ecgs-figure';
import type { Figure } from '../../lib/report/figure';
import { fineTuningCurvesFigure } from '../../lib/report/fine-tuning-curves-figure';
import { lossCurvesFigure } from '../../lib/report/loss-curves-figure';
import { FURTHER_SHAPES, MODEL_SHAPES } from '../../lib/report/palette';
import { precisionRecallFigure } from '../../lib/report/precision-recall-figure';
import type { Provenance } from '../../lib/report/provenance';
import { readPublishedTables } from '../../lib/report/published-tables';
import { reconstructionFigure } from '../../lib/report/reconstruction-figure';
import { reliabilityFigure } from '../../lib/report/reliability-figure';
import { renderPng, renderSvg } from '../../lib/report/render';
import { rocCurvesFigure } from '../../lib/report/roc-curves-figure';
import { scoreTableFigure } from '../../lib/report/score-table-figure';
import { table3Report, table4Report, table5Report } from '../../lib/report/score-table-report';
import { standardisationFigure } from '../../lib/report/standardisation-figure';
import { type StudyProcedure, studyFigure } from '../../lib/report/study-figure';
import { table1Figure } from '../../lib/report/table-1-figure';
import { table1Report } from '../../lib/report/table-1-report';
import { table6Report } from '../../lib/report/table-6-report';
import { LEADS, type Lead } from '../../lib/signal/leads';
import { standardise } from '../../lib/signal/standardise';
import type { RecordCounts } from '../../lib/store/record-counts';
import { simulatedFineTuned, simulatedModels } from './simulated-models';

// After a wanted change of a figure: look at it, then `npx vitest run tests/report/figures.test.ts --update`.
const snapshot = (name: string) => join(__dirname, 'snapshots', `${name}.svg`);

const provenance: Provenance = {
  profile: 'ptbxl',
  data: 'PTB-XL fold 10, 2,198 ECGs',
  synthetic: false,
  seeds: [0, 1],
  engine: 'tensorflow 2.21.0',
  durationS: 60,
};
const tables = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const models = simulatedModels({ records: 400, probes: ['tuned'] });
/** As in the paper there are two random encoders, one of each architecture. */
const second = models
  .filter(({ method }) => method === 'random')
  .map((one) => ({ ...one, patchSize: 60, run: 'random-60' }));
const { cells } = table1Report([...models, ...second], { published: tables, resamples: 50 });

const traced = { ...provenance, dataManifest: '3fa9c1d2e4b5a697', durationS: 18_720 };
const fineTuned = (name: 'table-3' | 'table-4' | 'table-5') => simulatedFineTuned(tables[name], { records: 400 });
/** Two lines are enough to see how they are drawn. */
const twoOf = (name: 'table-4' | 'table-5') => fineTuned(name).filter(({ model }) => /ViT|Hybrid/.test(model));
const options = { published: tables, resamples: 50 };
const report3 = table3Report(fineTuned('table-3'), options);
const report4 = table4Report(twoOf('table-4'), { ...options, table3: report3 });
const report5 = table5Report(twoOf('table-5'), { ...options, table3: report3 });
const curves = fineTuned('table-3').filter(({ model }) => /ResNet|Hybrid/.test(model));

/** Twelve leads of a triangle a second: few corners, so the snapshot stays small. */
const triangles = Float32Array.from({ length: 12 * 2500 }, (_, i) => {
  const lead = Math.floor(i / 2500);
  return Math.max(0, 1 - Math.abs((i % 250) - 60) / 12) * (lead === 3 ? -1 : 1) * (0.5 + lead / 12);
});
/** The same as a publisher might have it: eight leads in another order, 8.192 s at 500 Hz. */
const eightLeads = recordOf(['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'I', 'II']);
const twelveLeads = recordOf(LEADS);
function recordOf(leads: readonly string[]): EcgRecord {
  const samples = 4096;
  const signal = Float32Array.from({ length: leads.length * samples }, (_, i) => {
    const [lead, sample] = [Math.floor(i / samples), (i % samples) / 2];
    const at = LEADS.indexOf(leads[lead] as Lead) * 2500 + Math.floor(sample);
    return (triangles[at] + triangles[at + (sample % 1 === 0 ? 0 : 1)]) / 2;
  });
  return { dataset: 'ikem', recordId: '1', patientId: '1', fsHz: 500, leads, signal, samples, file: 'x' };
}
const hundredfold = twelveLeads.signal.map((value) => 900 * value);
const sized = (ecgs: number) => ({ ecgs, patients: Math.round(ecgs * 0.9) });
const counts: RecordCounts = {
  records: 21_799,
  patients: 18_869,
  kept: 21_790,
  rejected: [{ reason: 'clipped', records: 9 }],
  fsHz: [{ fsHz: 500, records: 21_790 }],
  durationS: { commonest: 10, shortest: 8.192, longest: 10 },
  choices: {},
  hash: '',
};
const procedure: StudyProcedure = {
  profile: 'ptbxl',
  synthetic: false,
  datasets: table6Report(
    [
      { dataset: 'ikem', store: 'ikem', synthetic: false, counts },
      { dataset: 'ptb-xl', store: 'ptb-xl', synthetic: false, counts },
    ],
    { published: tables },
  ).rows,
  used: ['ptb-xl'],
  pretrainedOn: ['ptb-xl'],
  pretrain: sized(17_418),
  train: sized(17_418),
  validation: sized(2183),
  test: sized(2198),
  methods: (['Contrastive Learning', 'Generative Learning', 'Hybrid Learning'] as const).map((model) => {
    return { model, patchSize: 125, blockDepth: 2, embeddingSize: 256, epochs: 40 };
  }),
  lowIncidence: { ecgs: 7000, casePercents: [5, 2, 1] },
  dataUsage: [50, 25, 10],
};
const masked = Array.from({ length: 10 }, (_, patch) => (patch % 3 === 0 ? 0 : 1));

interface DrawnPoint {
  model: string;
  setting: string;
  x: number;
  value: number;
  paper: number;
}

const figures: Readonly<Record<string, () => Figure>> = {
  'table-1': () => table1Figure(cells, { provenance }),
  'table-1-synthetic': () => table1Figure(cells, { provenance: { ...provenance, profile: 'tiny', synthetic: true } }),
  'table-3': () => scoreTableFigure(report3, { provenance: traced }),
  'table-4': () => scoreTableFigure(report4, { provenance: traced, measures: ['mean_auroc', 'criteria'] }),
  'table-5': () => scoreTableFigure(report5, { provenance: traced, measures: ['auroc_hyp'] }),
  roc: () => rocCurvesFigure(curves, { provenance: traced, tasks: ['MI', 'HYP'] }),
  'precision-recall': () => precisionRecallFigure(twoOf('table-5'), { tasks: ['MI'] }),
  reliability: () => reliabilityFigure(curves, { tasks: ['STTC'], bins: 5 }),
  ecg: () => ecgFigure(triangles, { title: 'PTB-XL 1', synthetic: true }),
  'ecg-12x1': () => ecgFigure(triangles, { layout: '12x1' }),
  'before-after': () => beforeAfterFigure(eightLeads, triangles, { title: 'IKEM 1' }),
  'before-after-strips': () =>
    beforeAfterStripsFigure([
      { title: 'IKEM 1', synthetic: true, before: eightLeads, after: triangles },
      { title: 'PTB-XL 1', synthetic: false, before: twelveLeads, after: triangles },
    ]),
  standardisation: () =>
    standardisationFigure(eightLeads, standardise(twelveLeads), { title: 'IKEM 1', synthetic: true }),
  'faulty-ecgs': () =>
    faultyEcgsFigure([
      { reason: 'no-signal', detail: 'flat: aVR V1', record: twelveLeads },
      { reason: 'implausible-amplitude', detail: '900 mV', record: { ...twelveLeads, signal: hundredfold } },
      { reason: 'missing-lead', detail: 'V1 not among II', record: { ...twelveLeads, leads: ['II'], samples: 4096 } },
    ]),
  'figure-1': () => studyFigure(procedure),
  reconstruction: () =>
    reconstructionFigure({ signal: triangles, masked, patchSize: 250 }, [
      { model: 'Generative Learning', signal: triangles.map((value) => value * 0.8) },
      { model: 'Hybrid Learning', signal: triangles.map((value) => value * 0.6) },
    ]),
  'loss-curves': () =>
    lossCurvesFigure(
      [
        { model: 'Generative Learning', loss: 'reconstruction', steps: [0, 50, 100], values: [0.14, 0.11, 0.1] },
        { model: 'Hybrid Learning', loss: 'reconstruction', steps: [0, 50, 100], values: [0.15, 0.12, 0.11] },
        {
          model: 'Hybrid Learning',
          loss: 'contrastive, two views of an ECG',
          steps: [0, 50, 100],
          values: [4.8, 2, 1],
        },
        {
          model: 'Hybrid Learning',
          loss: 'contrastive, two ECGs of a patient (Eq. 2)',
          steps: [0, 100],
          values: [5, 2],
        },
      ],
      { provenance },
    ),
  'fine-tuning-curves': () =>
    fineTuningCurvesFigure(
      [
        {
          model: 'Supervised Learning (ResNet)',
          epochs: [1, 2, 3],
          losses: [0.6, 0.4, 0.3],
          validationAurocs: [0.6, 0.8, 0.7],
          best: 2,
        },
        {
          model: 'Hybrid Learning',
          epochs: [1, 2],
          losses: [0.5, 0.3],
          validationAurocs: [0.8, 0.9],
          best: 2,
        },
      ],
      { provenance: traced },
    ),
  embeddings: () => {
    const stream = randomStream(1, 'features');
    const labels = Array.from({ length: 20 }, (_, row) => ['NORM', 'MI', 'CD'][row % 3]);
    const values = Float32Array.from({ length: 20 * 5 }, (_, i) => stream.normal() + (Math.floor(i / 5) % 3) * 2);
    const features = { values, rows: 20, columns: 5 };
    return embeddingMapFigure([{ title: 'Hybrid Learning', features }], labels, { provenance });
  },
};

test.each(Object.keys(figures))('%s looks as it did', async (name) => {
  await expect(`${await renderSvg(figures[name]())}\n`).toMatchFileSnapshot(snapshot(name));
});

test.each(Object.keys(figures))('%s is drawn alike twice, in one process', async (name) => {
  const [first, second] = [await renderSvg(figures[name]()), await renderSvg(figures[name]())];
  expect(second).toBe(first);
  expect(Buffer.from(renderPng(first)).equals(Buffer.from(renderPng(second)))).toBe(true);
});

test.each(Object.keys(figures))('%s keeps to what JupyterLab draws on light and dark', (name) => {
  const { spec, language } = figures[name]();
  expect(spec.$schema).toContain(`/${language}/v5.json`);
  expect(spec.background).toBe('#ffffff');
  expect(spec.usermeta).toMatchObject({ embedOptions: { theme: 'none', actions: false, renderer: 'svg' } });
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec); // nothing in it gets lost on the way to the notebook
});

test('synthetic ECGs are called so in every figure', async () => {
  const nothing = { ...provenance, synthetic: true };
  const drawn = await Promise.all(
    [
      figures['table-1-synthetic'](),
      ecgFigure(triangles, { synthetic: true }),
      reconstructionFigure({ signal: triangles, masked, patchSize: 250 }, [], { synthetic: true }),
      lossCurvesFigure([{ model: 'Hybrid Learning', loss: 'loss', steps: [0, 1], values: [2, 1] }], {
        provenance: nothing,
      }),
    ].map(renderSvg),
  );
  for (const svg of drawn) expect(svg).toMatch(/synthetic ECG|Synthetic ECGs: mechanics only/);
});

test('text is drawn in the PNG', async () => {
  const png = async (title: string) => Buffer.from(renderPng(await renderSvg(ecgFigure(triangles, { title }))));
  expect((await png('A')).equals(await png('B'))).toBe(false);
});

test('an ECG with some noise stays below 60 kB', async () => {
  const stream = randomStream(2, 'noise');
  const noisy = triangles.map((value) => value + 0.004 * stream.normal());
  expect((await renderSvg(ecgFigure(noisy))).length).toBeLessThan(60_000);
});

test('curves of four tasks and six models stay below 60 kB', async () => {
  const all = simulatedFineTuned(tables['table-3'], { seeds: [0] });
  for (const figure of [rocCurvesFigure, precisionRecallFigure, reliabilityFigure]) {
    expect((await renderSvg(figure(all, { provenance: traced }))).length).toBeLessThan(60_000);
  }
});

test('a further architecture of a model has a shape that no model has', () => {
  expect(Object.values(MODEL_SHAPES).filter((shape) => (FURTHER_SHAPES as readonly string[]).includes(shape))).toEqual(
    [],
  );
});

test('lines begin where Table 3 ends, and a model without a row in Table 3 has no such point', () => {
  const linesOf = (report: typeof report5) => {
    const { hconcat } = scoreTableFigure(report, { provenance }).spec as {
      hconcat: { data: { values: DrawnPoint[] } }[];
    };
    return hconcat[0].data.values;
  };
  const last = linesOf(report5).filter(({ setting }) => setting === '100 %');
  expect(last.map(({ model, x }) => [model, x])).toEqual([
    ['Supervised Learning (ViT)', 3],
    ['Hybrid Learning', 3],
  ]);
  expect(last[1].value).toBeCloseTo(
    report3.rows.find(({ model }) => model === 'Hybrid Learning')!.measured.mean_auroc.value,
    4,
  );
  expect(last[1].paper).toBeCloseTo((0.9446 + 0.94 + 0.94 + 0.9291) / 4, 4);
  const only = { rows: report3.rows.filter(({ model }) => model === 'Hybrid Learning') };
  const without = linesOf(table5Report(twoOf('table-5'), { ...options, table3: only }));
  expect(without.filter(({ setting }) => setting === '100 %').map(({ model }) => model)).toEqual(['Hybrid Learning']);
});

test('panels of one metric share their axis, those of another have their own', () => {
  const measures = ['auroc_mi', 'auroc_hyp', 'mean_auroc', 'criteria'] as const;
  const { hconcat } = scoreTableFigure(report5, { provenance, measures }).spec as {
    hconcat: { layer: { encoding: { y: { scale: { domain: number[] }; axis: { labels?: boolean } } } }[] }[];
  };
  const axes = hconcat.map(({ layer }) => layer[layer.length - 1].encoding.y);
  const domains = axes.map(({ scale }) => scale.domain.join());
  expect(new Set(domains.slice(0, 3)).size).toBe(1);
  expect(domains[3]).not.toBe(domains[0]);
  expect(axes.map(({ axis }) => axis.labels ?? true)).toEqual([true, false, false, true]);
});

test('an ECG far from all others is drawn at the edge of its map, which says so', async () => {
  const even = Float32Array.from({ length: 300 * 4 }, (_, i) => Math.sin(i * i));
  const labels = Array.from({ length: 300 }, (_, row) => (row % 2 === 0 ? 'NORM' : 'MI'));
  const mapOf = (features: Float32Array) =>
    embeddingMapFigure([{ title: 'x', features: { values: features, rows: 300, columns: 4 } }], labels, {
      mostPoints: 300,
    });
  const pointsOf = (figure: Figure) => {
    const { hconcat } = figure.spec as { hconcat: { data: { values: { x: number; outside: boolean }[] } }[] };
    return hconcat[0].data.values;
  };
  const clipped = mapOf(even.map((value, i) => (i === 0 ? 500 : value)));
  const outside = pointsOf(clipped).filter((point) => point.outside);
  expect(outside).toHaveLength(1);
  expect(Math.abs(outside[0].x)).toBeLessThan(10);
  const caption = 'Hollow, at the edge: it lies farther out.';
  expect(await renderSvg(clipped)).toContain(caption);
  expect(pointsOf(mapOf(even)).some((point) => point.outside)).toBe(false);
  expect(await renderSvg(mapOf(even))).not.toContain(caption);
});

test.each([
  [900, 'at 1/1000 of its height: here the pulse is 1000 mV'],
  [1e-4, '10000 times as high: here the pulse is 0.0001 mV'],
])('a lead of a wrong gain, %f times its height, is drawn to fit, with a note', async (gain, note) => {
  const svgOf = (reason: string, signal: Float32Array) => {
    return renderSvg(faultyEcgsFigure([{ reason, detail: '', record: { ...twelveLeads, signal } }]));
  };
  const wrong = twelveLeads.signal.map((mv) => gain * mv);
  const svg = await svgOf('implausible-amplitude', wrong);
  expect(svg).toContain(`drawn ${note}`);
  expect(await svgOf('no-signal', wrong)).not.toContain('drawn');
});

test('scores said to be probabilities must be some', () => {
  expect(() => reliabilityFigure(curves, { scores: 'probability' })).toThrow(UndefinedMetricError);
});

test('a rejected record without any lead of a known name is drawn by its first', async () => {
  const leads = twelveLeads.leads.map((lead) => `M${lead}`); // modified leads
  const ecg = { reason: 'missing-lead', detail: 'I', record: { ...twelveLeads, leads } };
  expect(await renderSvg(faultyEcgsFigure([ecg]))).toContain(leads[0]);
});

test('a gap of the signal is a gap of the drawing', async () => {
  const signal = twelveLeads.signal.slice();
  for (let i = 0; i < signal.length; i += 7) signal[i] = Number.NaN;
  const broken = { ...twelveLeads, signal };
  const figure = standardisationFigure(broken, standardise(broken), { title: 'gaps' });
  expect(await renderSvg(figure)).not.toContain('NaN');
  const gap = triangles.slice().fill(Number.NaN, 0, 30_000);
  const svg = await renderSvg(ecgFigure(gap));
  expect(svg).toContain('aVR');
  expect(svg).not.toContain('NaN');
});

test('wrong shapes are refused', () => {
  expect(() => ecgFigure(triangles.subarray(1))).toThrow(/12 leads of equal length/);
  const short = { model: 'Hybrid Learning', signal: triangles.subarray(2500) } as const;
  expect(() => reconstructionFigure({ signal: triangles, masked, patchSize: 250 }, [short])).toThrow(ArgumentError);
  const features = { values: new Float32Array(12), rows: 4, columns: 3 };
  expect(() => embeddingMapFigure([{ title: 'x', features }], ['MI'])).toThrow(/1 rows, one a label/);
});
