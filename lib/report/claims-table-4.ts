import { TASK_MEASURES } from '../metrics/measure';
import type { Claim, Relation } from './claim';
import type { ModelName } from './probed-model';
import { better, CL, dropsMore, falls, GL, HL, highest, type Place, SSL, VIT } from './relations';
import type { ScoreMeasure } from './score-columns';

const MODELS = [VIT, ...SSL];
const ORIGINAL: Place = { table: 'table-3' };
const RATIOS = ['5', '2', '1'].map((percent): Place => ({ setting: { case_ratio_percent: percent } }));

/** What section 4.3 of the paper says about Table 4; drops are those against Table 3. */
export const TABLE_4_CLAIMS: readonly Claim[] = [
  claim(
    'scores-decrease',
    '4.3',
    'AUROC and AUPRC generally decrease as the incidence rate (case ratio) decreases across all learning methods (means over the tasks)',
    MODELS.flatMap((model) =>
      (['mean_auroc', 'mean_auprc'] as const).flatMap((measure) => fallsStepwise(model, measure)),
    ),
  ),
  claim(
    'criteria-decrease',
    '4.3',
    'indicating a drop in model performance with fewer cases (Criteria)',
    MODELS.flatMap((model) => fallsStepwise(model, 'criteria')),
  ),
  claim(
    'ssl-beats-sl-everywhere',
    '4.3',
    'the CL, GL, and HL fine-tuned models consistently outperform the end-to-end SL model across all tasks and case ratios',
    RATIOS.flatMap((at) => SSL.flatMap((model) => TASK_MEASURES.map((measure) => better(model, VIT, measure, at)))),
  ),
  claim(
    'ssl-beats-sl-criteria',
    '4.3',
    'the CL, GL, and HL fine-tuned models consistently outperform the end-to-end SL model across all [...] case ratios (Criteria)',
    RATIOS.flatMap((at) => SSL.map((model) => better(model, VIT, 'criteria', at))),
  ),
  claim(
    'hl-best-everywhere',
    '4.3',
    'the HL fine-tuned model shows the best performance with all case ratios compared to other methods (Criteria)',
    RATIOS.flatMap((at) => highest(HL, MODELS, 'criteria', at)),
  ),
  claim(
    'hl-more-robust',
    '4.3',
    'the HL fine-tuned model is more robust than the CL and GL fine-tuned models when case ratios are reduced (smaller drops)',
    RATIOS.flatMap((to) => [CL, GL].map((other) => dropsMore(other, HL, 'criteria', { from: ORIGINAL, to }))),
  ),
  claim(
    'hl-maintains',
    '4.3',
    'it tends to maintain performance comparably even though the case ratio is dropped (smaller drops than SL)',
    RATIOS.map((to) => dropsMore(VIT, HL, 'criteria', { from: ORIGINAL, to })),
  ),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-4-${name}`, table: 'table-4', section, sentence, relations };
}

/** From each case ratio, the original first, to the next lower one. */
function fallsStepwise(model: ModelName, measure: ScoreMeasure): Relation[] {
  return [ORIGINAL, ...RATIOS].slice(0, -1).map((from, step) => falls(model, measure, { from, to: RATIOS[step] }));
}
