import { type Measure, TASK_MEASURES } from '../metrics/measure';
import type { Claim, Relation } from './claim';
import type { ModelName } from './probed-model';

const RANDOM: ModelName = 'Random Initialization';
const CL: ModelName = 'Contrastive Learning';
const GL: ModelName = 'Generative Learning';
const HL: ModelName = 'Hybrid Learning';
const AUROCS = TASK_MEASURES.slice(0, 4);
const AUPRCS = TASK_MEASURES.slice(4);

/** What sections 4.2 and 4.3 of the paper say about Table 1. */
export const TABLE_1_CLAIMS: readonly Claim[] = [
  claim(
    'ssl-beats-random-auroc',
    '4.2',
    'All SSL foundation models outperform the baseline model on all downstream tasks (AUROC)',
    beatsRandom(AUROCS),
  ),
  claim(
    'ssl-beats-random-auprc',
    '4.2',
    'All SSL foundation models outperform the baseline model on all downstream tasks (AUPRC)',
    beatsRandom(AUPRCS),
  ),
  claim(
    'hl-highest-criteria',
    '4.2',
    'the HL foundation model has the best performance, achieving the highest criteria score (5.2047)',
    highest(HL, 'criteria'),
  ),
  claim(
    'hl-surpasses-cl-gl',
    '4.2',
    'surpassing the CL and GL foundation models',
    [CL, GL].map((right) => better(HL, right, 'criteria')),
  ),
  claim(
    'hl-highest-auroc-mi',
    '4.2',
    'the HL foundation model achieves the highest AUROC for MI (0.8053)',
    highest(HL, 'auroc_mi'),
  ),
  claim(
    'hl-highest-auroc-cd',
    '4.2',
    'the HL foundation model achieves the highest AUROC for [...] CD (0.8251)',
    highest(HL, 'auroc_cd'),
  ),
  claim(
    'gl-highest-auroc-sttc',
    '4.2',
    'the GL foundation model showed the highest AUROC for STTC (0.8375)',
    highest(GL, 'auroc_sttc'),
  ),
  claim(
    'cl-highest-auroc-hyp',
    '4.2',
    'the CL foundation model excels others in the HYP task (0.8138)',
    highest(CL, 'auroc_hyp'),
  ),
  claim(
    'cl-gl-beat-hl-sttc-hyp',
    '4.3',
    'the superior generalizability of CL and GL foundation models on STTC and HYP tasks in Table 1',
    [CL, GL].flatMap((left) =>
      (['auroc_sttc', 'auroc_hyp', 'auprc_sttc', 'auprc_hyp'] as const).map((measure) => better(left, HL, measure)),
    ),
  ),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-1-${name}`, table: 'table-1', section, sentence, relations };
}

function better(left: ModelName, right: ModelName, measure: Measure): Relation {
  return { left: { model: left }, right: { model: right }, measure };
}

/** Above every row of every other model. */
function highest(model: ModelName, measure: Measure): Relation[] {
  return [RANDOM, CL, GL, HL].filter((other) => other !== model).map((other) => better(model, other, measure));
}

/** Each SSL model above the random encoder of its own architecture. */
function beatsRandom(measures: readonly Measure[]): Relation[] {
  return ([CL, GL, HL] as const).flatMap((model) =>
    measures.map((measure) => ({ left: { model }, right: { model: RANDOM, architecture: 'same' }, measure }) as const),
  );
}
