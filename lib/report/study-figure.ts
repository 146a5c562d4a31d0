import { DATASET_FACTS, DATASET_NAMES, type DatasetName } from './dataset-facts';
import { textMark, type Words } from './ecg-paper';
import { type Figure, vegaFigure } from './figure';
import { INK, MODEL_COLOURS, QUIET_INK } from './palette';
import type { ModelName } from './probed-model';
import { SYNTHETIC_NOTE } from './provenance';
import type { DatasetDescription, Table6Row } from './table-6-report';

/** A way of pretraining and its encoder. */
export interface ProcedureMethod {
  readonly model: ModelName;
  readonly patchSize: number;
  readonly blockDepth: number;
  readonly embeddingSize: number;
  readonly epochs: number;
}

interface Sized {
  readonly ecgs: number;
  readonly patients: number;
}

/** What Figure 1 is made of: the study's own counts and settings. */
export interface StudyProcedure {
  readonly profile: string;
  readonly synthetic: boolean;
  /** Of Table 6: those that are not there have the paper's figures. */
  readonly datasets: readonly Table6Row[];
  /** Those whose ECGs this profile learns from and is tested on. */
  readonly used: readonly DatasetName[];
  /** Those that it pretrains on. */
  readonly pretrainedOn: readonly DatasetName[];
  readonly pretrain: Sized;
  readonly train: Sized;
  readonly validation: Sized;
  readonly test: Sized;
  readonly methods: readonly ProcedureMethod[];
  /** Of the training ECGs that Table 4 takes, with so many percent of cases. */
  readonly lowIncidence: { readonly ecgs: number; readonly casePercents: readonly number[] };
  /** Table 5: percent of the labels. */
  readonly dataUsage: readonly number[];
}

const COLUMNS = [
  { x: 0, width: 212 },
  { x: 256, width: 196 },
  { x: 496, width: 208 },
  { x: 748, width: 212 },
] as const;
const TOP = 62;
const BOTTOM = 478;
const WIDTH = 960;
const BOX = '#f6f7f9';
const EDGE = '#9aa3ad';
const FADED = '#c9ced4';
const DONE: Readonly<Record<string, string>> = {
  'Contrastive Learning': 'tells ECGs and patients apart',
  'Generative Learning': 'fills in what is hidden',
  'Hybrid Learning': 'both at once, one encoder',
};

/**
 * Figure 1, the course of the study, drawn from its own counts: datasets, standardisation, three ways of pretraining,
 * evaluation.
 *
 * @param procedure counts and settings of a study
 */
export function studyFigure(procedure: StudyProcedure): Figure {
  const { profile, synthetic } = procedure;
  const marks = [
    textMark({
      y: 13,
      words: synthetic ? `The course of the study. ${SYNTHETIC_NOTE}` : 'The course of the study',
      bold: true,
      fontSize: 15,
      tone: synthetic ? 'warning' : 'ink',
    }),
    ...['1  Datasets', '2  Standardisation', '3  Pretraining', '4  Evaluation'].map((words, i) =>
      textMark({ x: COLUMNS[i].x, y: TOP - 14, words, bold: true }),
    ),
    ...datasetBoxes(procedure),
    ...standardisationBox(procedure),
    ...pretrainingBoxes(procedure),
    ...evaluationBoxes(procedure),
    textMark({ x: WIDTH, y: BOTTOM + 14, words: `profile ${profile}`, tone: 'quiet', align: 'right' }),
  ];
  return vegaFigure('The course of the study: datasets, standardisation, pretraining, evaluation, with its counts', {
    width: WIDTH,
    height: BOTTOM + 18,
    marks,
  });
}

function datasetBoxes({ datasets, used }: StudyProcedure): object[] {
  const [{ x, width }, next] = COLUMNS;
  const step = (BOTTOM - TOP) / DATASET_NAMES.length;
  return DATASET_NAMES.flatMap((name, i) => {
    const found = datasets.find(({ dataset }) => dataset === name);
    const y = TOP + i * step;
    const height = step - 12;
    const { counts, synthetic = false } = found ?? {};
    const learnt = used.includes(name);
    const state = counts === undefined ? 'absent' : learnt ? 'used' : 'there';
    const lines =
      counts === undefined
        ? ['not here', `the paper: ${paperWords(found)}`]
        : [`${count(counts.records)} ECGs of ${count(counts.patients)} patients`, rateWords(counts)];
    const title = `${DATASET_FACTS[name].title}${synthetic ? ', simulated' : ''}`;
    return [
      box({ x, y, width, height, look: state }),
      textMark({
        x: x + 10,
        y: y + 18,
        words: title,
        bold: true,
        fontSize: 12,
        tone: state === 'absent' ? 'quiet' : 'ink',
      }),
      ...lines.map((words, line) => textMark({ x: x + 10, y: y + 34 + 14 * line, words, tone: 'quiet' })),
      ...(state === 'absent' ? [] : arrow([x + width, y + height / 2], [next.x, y + height / 2])),
    ];
  });
}

function standardisationBox({ datasets }: StudyProcedure): object[] {
  const [, { x, width }, next] = COLUMNS;
  const there = datasets.flatMap(({ counts }) => (counts === undefined ? [] : [counts]));
  const total = (of: 'records' | 'kept') => there.reduce((sum, counts) => sum + counts[of], 0);
  const reasons = new Map<string, number>();
  for (const { rejected } of there) {
    for (const { reason, records } of rejected) reasons.set(reason, (reasons.get(reason) ?? 0) + records);
  }
  const most = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 8);
  const words: Omit<Words, 'y'>[] = [
    { words: 'each ECG becomes', tone: 'quiet' },
    { words: '12 leads, by name' },
    { words: '250 samples a second' },
    { words: '10 s: cut or padded' },
    { words: 'millivolts' },
    { words: '' },
    { words: 'quality checks', tone: 'quiet' },
    { words: `${count(total('records'))} ECGs read` },
    { words: `${count(total('kept'))} kept`, bold: true },
    { words: `${count(total('records') - total('kept'))} rejected${most.length === 0 ? '' : ':'}` },
    ...most.map(([reason, records]) => ({ words: `   ${count(records)} ${reason}`, tone: 'quiet' as const })),
  ];
  const middle = (TOP + BOTTOM) / 2;
  const first = middle - (words.length * 18) / 2 + 10;
  return [
    box({ x, y: TOP, width, height: BOTTOM - TOP - 12, look: 'used' }),
    ...words.map((line, i) => textMark({ ...line, x: x + 14, y: first + 18 * i, fontSize: 12 })),
    ...arrow([x + width, TOP + 150], [next.x, TOP + 150]),
  ];
}

function pretrainingBoxes({ methods, pretrain, pretrainedOn }: StudyProcedure): object[] {
  const [, , { x, width }, next] = COLUMNS;
  const titles = pretrainedOn.map((name) => DATASET_FACTS[name].title);
  const names = titles.length <= 2 ? titles.join(', ') : `of ${titles.length} datasets`;
  const height = 70;
  const boxes = methods.flatMap(({ model, patchSize, blockDepth, embeddingSize, epochs }, i) => {
    const y = TOP + 52 + i * (height + 12);
    return [
      box({ x, y, width, height, look: 'used' }),
      rect({ x, y, width: 5, height, fill: MODEL_COLOURS[model] }),
      textMark({ x: x + 14, y: y + 17, words: model, bold: true, fontSize: 12 }),
      textMark({ x: x + 14, y: y + 33, words: DONE[model] ?? '' }),
      textMark({
        x: x + 14,
        y: y + 48,
        words: `patch ${patchSize}, depth ${blockDepth}, width ${embeddingSize}`,
        tone: 'quiet',
      }),
      textMark({ x: x + 14, y: y + 62, words: `${epochs} epochs`, tone: 'quiet' }),
      ...arrow([x + width, y + height / 2], [next.x, y + height / 2]),
    ];
  });
  const end = TOP + 52 + methods.length * (height + 12);
  return [
    textMark({ x, y: TOP + 12, words: 'without labels:', tone: 'quiet' }),
    textMark({ x, y: TOP + 28, words: `${sized(pretrain)}`, fontSize: 12 }),
    textMark({ x, y: TOP + 43, words: names, tone: 'quiet' }),
    ...boxes,
    // the labels go past pretraining
    ...arrow([COLUMNS[1].x + COLUMNS[1].width, end + 42], [next.x, end + 42]),
    textMark({ x, y: end + 36, words: 'with labels, past pretraining' }),
    textMark({ x, y: end + 58, words: 'for networks that start at random', tone: 'quiet' }),
  ];
}

function evaluationBoxes({ train, validation, test, lowIncidence, dataUsage }: StudyProcedure): object[] {
  const { x, width } = COLUMNS[3];
  const sizes: [string, Sized][] = [
    ['learn from', train],
    ['choose by', validation],
    ['test on', test],
  ];
  const percents = (values: readonly number[]) => `${values.join(', ')} %`;
  const tables: [string, string, string][] = [
    ['Linear probing', 'a straight line on frozen features', 'Table 1'],
    ['Risk decomposition', 'four errors and their sum', 'Table 2'],
    ['Fine-tuning', 'the whole network, all labels', 'Table 3'],
    ['Low incidence', `${percents(lowIncidence.casePercents)} cases of ${count(lowIncidence.ecgs)}`, 'Table 4'],
    ['Data usage', `${percents(dataUsage)} of the labels`, 'Table 5'],
  ];
  const step = (BOTTOM - TOP - 74) / tables.length;
  const height = step - 12;
  return [
    ...sizes.flatMap(([words, size], i) => [
      textMark({ x, y: TOP + 12 + 16 * i, words, tone: 'quiet' }),
      textMark({ x: x + 58, y: TOP + 12 + 16 * i, words: sized(size) }),
    ]),
    textMark({ x, y: TOP + 62, words: 'MI, STTC, CD, HYP: AUROC, AUPRC', tone: 'quiet' }),
    ...tables.flatMap(([name, what, table], i) => {
      const y = TOP + 74 + i * step;
      return [
        box({ x, y, width, height, look: 'used' }),
        textMark({ x: x + 10, y: y + 21, words: name, bold: true, fontSize: 12 }),
        textMark({ x: x + width - 10, y: y + 21, words: table, tone: 'quiet', align: 'right' }),
        textMark({ x: x + 10, y: y + 40, words: what, tone: 'quiet' }),
      ];
    }),
  ];
}

function paperWords(row: Table6Row | undefined): string {
  const printed = row?.cells.find(({ column }) => column === 'samples')?.paper;
  return typeof printed === 'number' ? `${count(printed)} ECGs` : 'no figure';
}

function rateWords({ fsHz, durationS }: NonNullable<DatasetDescription['counts']>): string {
  const rates = fsHz.map((rate) => `${rate.fsHz} Hz`).join(', ');
  if (durationS === undefined) return rates;
  const { shortest, longest } = durationS;
  return `${rates}, ${shortest === longest ? shortest : `${shortest} to ${longest}`} s`;
}

function sized({ ecgs, patients }: Sized): string {
  return `${count(ecgs)} ECGs of ${count(patients)} patients`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function box(at: {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly look: 'absent' | 'there' | 'used';
}): object {
  const { x, y, width, height, look } = at;
  const enter = {
    x: { value: x },
    y: { value: y },
    width: { value: width },
    height: { value: height },
    cornerRadius: { value: 5 },
    fill: { value: look === 'absent' ? '#ffffff' : BOX },
    stroke: { value: look === 'absent' ? FADED : look === 'used' ? INK : EDGE },
    strokeWidth: { value: look === 'used' ? 1.2 : 1 },
    ...(look === 'absent' ? { strokeDash: { value: [4, 3] } } : {}),
  };
  return { type: 'rect', encode: { enter } };
}

function rect(at: { x: number; y: number; width: number; height: number; fill: string }): object {
  const enter = Object.fromEntries(Object.entries(at).map(([key, value]) => [key, { value }]));
  return { type: 'rect', encode: { enter } };
}

function arrow([x, y]: readonly [number, number], [toX]: readonly [number, number]): object[] {
  const look = { stroke: { value: QUIET_INK }, strokeWidth: { value: 1.4 } };
  return [
    { type: 'path', encode: { enter: { path: { value: `M${x + 3},${y}H${toX - 6}` }, ...look } } },
    {
      type: 'path',
      encode: {
        enter: {
          path: { value: `M${toX - 10},${y - 4}L${toX - 3},${y}L${toX - 10},${y + 4}Z` },
          fill: { value: QUIET_INK },
        },
      },
    },
  ];
}
