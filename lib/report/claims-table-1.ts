import type { Measure } from '../metrics/measure';
import type { Claim, Relation } from './claim';
import { AUPRCS, AUROCS, better, CL, GL, HL, highest, RANDOM, SSL } from './relations';

const MODELS = [RANDOM, ...SSL];

/** What sections 4.2, 4.3 and 5.1 of the paper say about Table 1, and its order of the methods. */
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
    highest(HL, MODELS, 'criteria'),
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
    highest(HL, MODELS, 'auroc_mi'),
  ),
  claim(
    'hl-highest-auroc-cd',
    '4.2',
    'the HL foundation model achieves the highest AUROC for [...] CD (0.8251)',
    highest(HL, MODELS, 'auroc_cd'),
  ),
  claim(
    'gl-highest-auroc-sttc',
    '4.2',
    'the GL foundation model showed the highest AUROC for STTC (0.8375)',
    highest(GL, MODELS, 'auroc_sttc'),
  ),
  claim(
    'cl-highest-auroc-hyp',
    '4.2',
    'the CL foundation model excels others in the HYP task (0.8138)',
    highest(CL, MODELS, 'auroc_hyp'),
  ),
  claim(
    'cl-gl-beat-hl-sttc-hyp',
    '4.3',
    'the superior generalizability of CL and GL foundation models on STTC and HYP tasks in Table 1',
    [CL, GL].flatMap((left) =>
      (['auroc_sttc', 'auroc_hyp', 'auprc_sttc', 'auprc_hyp'] as const).map((measure) => better(left, HL, measure)),
    ),
  ),
  claim(
    'hl-superior-overall',
    '4.2',
    'the robustness of the HL foundation model in achieving superior performance across various tasks (mean AUROC)',
    highest(HL, MODELS, 'mean_auroc'),
  ),
  claim(
    'hl-almost-all-tasks',
    '5.1',
    'HL [...] leading to high performance in almost downstream tasks in linear probing (highest AUROC in each)',
    AUROCS.flatMap((measure) => highest(HL, MODELS, measure)),
  ),
  claim(
    'gl-promising-sttc',
    '5.1',
    'GL [...] shows promising results in high-fidelity representation capability, such as STTC tasks',
    [...highest(GL, MODELS, 'auroc_sttc'), ...highest(GL, MODELS, 'auprc_sttc')],
  ),
  claim('cl-distinguishes-hyp', '5.1', 'CL distinguishes between instances [...], such as HYP tasks', [
    ...highest(CL, MODELS, 'auroc_hyp'),
    ...highest(CL, MODELS, 'auprc_hyp'),
  ]),
  claim('order-hl-cl', '4.2', '(ours) The order of the methods, mean AUROC: HL over CL', [
    better(HL, CL, 'mean_auroc'),
  ]),
  claim('order-cl-gl', '4.2', '(ours) The order of the methods, mean AUROC: CL over GL', [
    better(CL, GL, 'mean_auroc'),
  ]),
  claim('order-gl-random', '4.2', '(ours) The order of the methods, mean AUROC: GL over random', [
    { left: { model: GL }, right: { model: RANDOM, architecture: 'same' }, measure: 'mean_auroc' },
  ]),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-1-${name}`, table: 'table-1', section, sentence, relations };
}

/** Each SSL model above the random encoder of its own architecture. */
function beatsRandom(measures: readonly Measure[]): Relation[] {
  return SSL.flatMap((model) =>
    measures.map((measure) => ({ left: { model }, right: { model: RANDOM, architecture: 'same' }, measure }) as const),
  );
}
