import type { Claim, Relation } from './claim';
import type { ModelName } from './probed-model';
import { AUPRCS, AUROCS, better, CL, GL, HL, highest, RESNET, SSL, VIT } from './relations';

const MODELS = [RESNET, VIT, ...SSL];

/** What sections 4.3, 5.1 and 5.2 of the paper say about Table 3, and its order of pretrained over supervised. */
export const TABLE_3_CLAIMS: readonly Claim[] = [
  claim(
    'vit-beats-resnet',
    '4.3',
    'the performance of our ViT variation model (6.9715 criteria score) is slightly better than the ResNet model (6.9325)',
    [better(VIT, RESNET, 'criteria')],
  ),
  claim(
    'ssl-beats-sl',
    '4.3',
    'The superior performance of the SSL fine-tuned models compared to the SL models',
    SSL.flatMap((model) => [better(model, RESNET, 'criteria'), better(model, VIT, 'criteria')]),
  ),
  claim(
    'hl-highest-auroc',
    '4.3',
    'The HL fine-tuned model achieves the highest AUROC across all tasks',
    AUROCS.flatMap((measure) => highest(HL, MODELS, measure)),
  ),
  claim(
    'hl-highest-auprc',
    '4.3',
    'the AUPRC of the HL fine-tuned model exhibited patterns similar to those of the AUROC results (highest AUPRC)',
    AUPRCS.flatMap((measure) => highest(HL, MODELS, measure)),
  ),
  claim(
    'hl-superior-all-tasks',
    '5.1',
    'The HL fine-tuned model consistently shows superior performance across all downstream tasks (AUROC and AUPRC)',
    [...AUROCS, ...AUPRCS].flatMap((measure) => highest(HL, MODELS, measure)),
  ),
  claim(
    'hl-most-robust',
    '5.2',
    'Among the results, the HL foundation model is the most robust (highest Criteria)',
    highest(HL, MODELS, 'criteria'),
  ),
  ...(
    [
      ['cl', CL],
      ['gl', GL],
      ['hl', HL],
    ] as const
  ).map(([short, model]) =>
    claim(
      `order-${short}-sl`,
      '4.3',
      `(ours) The order of the methods, Criteria: ${short.toUpperCase()} over SL of its own architecture`,
      [beatsItsBaseline(model)],
    ),
  ),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-3-${name}`, table: 'table-3', section, sentence, relations };
}

/** Above the ViT of its own architecture that was trained from scratch. */
function beatsItsBaseline(model: ModelName): Relation {
  return { left: { model }, right: { model: VIT, architecture: 'same' }, measure: 'criteria' };
}
