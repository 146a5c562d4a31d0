import type { Claim, Relation } from './claim';
import { type ModelName, shortModelName } from './probed-model';
import { CL, GL, HL, SSL } from './relations';

/** The mean over the four tasks. */
export const ON_AVERAGE = { task: 'on average' } as const;

/** The better one of two models, by name of the first. */
export function onAverageBest(one: ModelName, other: ModelName): { readonly task: string } {
  return { task: `on average (the lower of ${shortModelName(one)} and ${shortModelName(other)})` };
}

const TERMS = ['approximation', 'usability', 'probe_generalisation', 'encoder_generalisation'] as const;

/**
 * What sections 4.2 and 5.2 of the paper say about Table 2; all of it is about averages over the tasks.
 *
 * Two of the sentences contradict each other and the table: GL is said to have the lowest usability error, where the
 * table has the highest, and CL to excel in usability.
 */
export const TABLE_2_CLAIMS: readonly Claim[] = [
  claim(
    'gl-lowest-approximation',
    '4.2',
    'In terms of an average error on all tasks, The GL linear probing model records the lowest errors (approximation)',
    lowest(GL, 'approximation'),
  ),
  claim(
    'gl-lowest-usability',
    '4.2',
    'The GL linear probing model has the lowest average error on all tasks (representation usability)',
    lowest(GL, 'usability'),
  ),
  claim(
    'gl-lowest-probe-generalisation',
    '4.2',
    'In average error, the GL linear probing model presents the lowest error (probe generalization)',
    lowest(GL, 'probe_generalisation'),
  ),
  claim(
    'gl-lowest-encoder-generalisation',
    '4.2',
    'The GL linear probing model proves superior in this regard on average of all tasks (encoder generalization)',
    lowest(GL, 'encoder_generalisation'),
  ),
  claim(
    'hl-lowest-in-no-error',
    '4.2',
    'Despite not demonstrating the lowest error in any specific error type [HL] (the three types that pretraining decides)',
    // Approximation is the supervised network's: HL shares it with every model of its architecture.
    TERMS.slice(1).map((measure) => ({
      left: { model: CL, setting: onAverageBest(CL, GL) },
      right: { model: HL, setting: ON_AVERAGE },
      measure,
      lowerIsBetter: true,
    })),
  ),
  claim(
    'hl-lowest-total',
    '4.2',
    'the HL linear probing model displays the lowest average total error across all tasks',
    lowest(HL, 'total'),
  ),
  claim(
    'cl-excels-in-usability',
    '4.2',
    'CL [...] excelling in [...] representation usability',
    lowest(CL, 'usability'),
  ),
  claim(
    'gl-excels-in-generalizability',
    '4.2',
    'GL [...] excelling in [...] generalizability (both generalization errors)',
    (['probe_generalisation', 'encoder_generalisation'] as const).flatMap((measure) => lowest(GL, measure)),
  ),
  claim(
    'hl-generalizes-to-new-ecgs',
    '5.2',
    'the HL foundation model well-learned generalized representations of new ECGs when used in downstream tasks (total, the error on new ECGs)',
    lowest(HL, 'total'),
  ),
  claim(
    'hl-generalizes-across-distributions',
    '5.2',
    'the HL foundation model [...] effectively captures the high-fidelity representation of ECGs to generalize across different data distributions (encoder generalization)',
    lowest(HL, 'encoder_generalisation'),
  ),
];

function claim(name: string, section: string, sentence: string, relations: readonly Relation[]): Claim {
  return { id: `table-2-${name}`, table: 'table-2', section, sentence, relations };
}

/** A model below each of the other two on average. */
function lowest(model: ModelName, measure: (typeof TERMS)[number] | 'total'): Relation[] {
  return SSL.filter((other) => other !== model).map((other) => ({
    left: { model, setting: ON_AVERAGE },
    right: { model: other, setting: ON_AVERAGE },
    measure,
    lowerIsBetter: true,
  }));
}
