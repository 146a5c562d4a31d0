import { type Measure, TASK_MEASURES } from '../metrics/measure';
import type { Claim, Relation } from './claim';
import type { ModelName } from './probed-model';
import { better, CL, dropsMore, falls, GL, HL, highest, type Place, SSL, VIT, widerGap } from './relations';

const MODELS = [VIT, ...SSL];
const ALL: Place = { table: 'table-3' };
const [HALF, QUARTER, TENTH] = ['50', '25', '10'].map(
  (percent): Place => ({ setting: { data_usage_percent: percent } }),
);
const SHARES = [HALF, QUARTER, TENTH];
const RATIOS = ['5', '2', '1'].map((percent): Place => {
  return { table: 'table-4', setting: { case_ratio_percent: percent } };
});

/** What sections 4.3, 5.1 and 5.2 of the paper say about Table 5; drops are those against Table 3. */
export const TABLE_5_CLAIMS: readonly Claim[] = [
  claim(
    'scores-decline',
    '4.3',
    'as the proportion of labeled data diminished, the performance metrics for all methods declined',
    MODELS.flatMap((model) => TASK_MEASURES.flatMap((measure) => fallsStepwise(model, measure))),
  ),
  claim(
    'most-at-10',
    '4.3',
    'This decline is most pronounced at 10% data usage (Criteria)',
    MODELS.flatMap((model) => [HALF, QUARTER].map((from) => falls(model, 'criteria', { from, to: TENTH }))),
  ),
  claim(
    'sl-sharpest',
    '4.3',
    'The SL model exhibits the sharpest decrease, suggesting its reliance on larger labeled datasets',
    SHARES.flatMap((to) => SSL.map((model) => dropsMore(VIT, model, 'criteria', { from: ALL, to }))),
  ),
  claim(
    'ssl-beats-sl',
    '4.3',
    'the SSL foundation models show greater robustness to reduced labeled data (Criteria above those of SL)',
    SHARES.flatMap((at) => SSL.map((model) => better(model, VIT, 'criteria', at))),
  ),
  claim(
    'cl-maintains',
    '4.3',
    'The CL fine-tuned model maintains performance across all data usage levels (smaller drops than SL)',
    SHARES.map((to) => dropsMore(VIT, CL, 'criteria', { from: ALL, to })),
  ),
  claim(
    'gl-advantage-low',
    '4.3',
    'the GL fine-tuned model [...] shows a slight advantage at lower data usage levels',
    [QUARTER, TENTH].map((at) => better(GL, VIT, 'criteria', at)),
  ),
  claim(
    'hl-outperforms-all-tasks',
    '4.3',
    'The HL fine-tuned model consistently outperforms the others across all tasks (at 50% and 25% data usage)',
    [HALF, QUARTER].flatMap((at) => TASK_MEASURES.flatMap((measure) => highest(HL, MODELS, measure, at))),
  ),
  claim(
    'hl-highest-50-25',
    '4.3',
    'displaying the highest criteria scores at 50% and 25% data usage',
    [HALF, QUARTER].flatMap((at) => highest(HL, MODELS, 'criteria', at)),
  ),
  claim(
    'hl-larger-drop-10',
    '4.3',
    'at 10% data usage, the HL fine-tuned model exhibits larger drops in criteria scores [...] compared to that of the CL and GL',
    [CL, GL].map((other) => dropsMore(HL, other, 'criteria', { from: ALL, to: TENTH })),
  ),
  claim(
    'hl-larger-drop-sttc-hyp',
    '4.3',
    'the STTC and HYP tasks demonstrate larger drops in AUROC and AUPRC, compared to the CL and GL fine-tuned models',
    (['auroc_sttc', 'auroc_hyp', 'auprc_sttc', 'auprc_hyp'] as const).flatMap((measure) =>
      [CL, GL].map((other) => dropsMore(HL, other, measure, { from: ALL, to: TENTH })),
    ),
  ),
  claim(
    'hl-superior-from-25',
    '4.3',
    'among the foundation models, the HL fine-tuned model demonstrates superior performance when using more than 25% of the data',
    [ALL, HALF].flatMap((at) => highest(HL, SSL, 'criteria', at)),
  ),
  claim(
    'cl-smallest-gap',
    '4.3',
    'the CL fine-tuned model shows the smallest performance gap [...] between cases using 50% and 10% of the data',
    [GL, HL].map((other) => dropsMore(other, CL, 'criteria', { from: HALF, to: TENTH })),
  ),
  claim(
    'cl-more-resilient',
    '4.3',
    'the CL fine-tuned model is more resilient to reductions in data availability (smallest drop at 10%)',
    [GL, HL].map((other) => dropsMore(other, CL, 'criteria', { from: ALL, to: TENTH })),
  ),
  claim(
    'hl-handles-few',
    '5.1',
    'HL’s robust performance in handling low incidence rates and limited data availability (smaller drops than SL)',
    [...RATIOS, ...SHARES].map((to) => dropsMore(VIT, HL, 'criteria', { from: ALL, to })),
  ),
  claim(
    'cl-best-at-10',
    '5.2',
    'the CL foundation model [...] shows the most robust performance under extremely limited data availability',
    highest(CL, MODELS, 'criteria', TENTH),
  ),
  claim(
    'hl-robust-4-5',
    '5.2',
    'the HL foundation model shows robustness and reliability in clinical settings with varying data from Table 4 and 5',
    [...RATIOS, ...SHARES].flatMap((at) => highest(HL, MODELS, 'criteria', at)),
  ),
  ...(
    [
      ['cl', CL],
      ['gl', GL],
      ['hl', HL],
    ] as const
  ).map(([short, model]) =>
    claim(
      `order-gap-${short}-sl`,
      '4.3',
      `(ours) The gap of ${short.toUpperCase()} over SL is wider on 10% of the labels than on all (Criteria)`,
      [widerGap(model, VIT, 'criteria', { at: TENTH, than: ALL })],
    ),
  ),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-5-${name}`, table: 'table-5', section, sentence, relations };
}

/** From each share of the labels, all of them first, to the next smaller one. */
function fallsStepwise(model: ModelName, measure: Measure): Relation[] {
  return [ALL, ...SHARES].slice(0, -1).map((from, step) => falls(model, measure, { from, to: SHARES[step] }));
}
