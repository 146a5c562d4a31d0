import { TASKS } from '../metrics/tasks';
import type { RiskMode } from '../risk/task-risk';
import type { RiskSetSizes, Table2Cell } from './table-2';

/** How many of the training ECGs the encoders have seen in pretraining. */
export type SeenShare = 'all' | 'some' | 'none';

const SEEN_NOTES: Readonly<Record<SeenShare, string>> = {
  all: 'The encoders have seen the training ECGs in pretraining, without labels, as Dubois et al. ask for; those of the paper had not, so that its encoder generalisation is ordinary generalisation from training to test ECGs.',
  some: 'The encoders have seen a part of the training ECGs in pretraining, without labels: encoder generalisation is in part ordinary generalisation from training to test ECGs; that of the paper, whose encoders had seen none, is so as a whole.',
  none: 'The encoders have not seen these training ECGs in pretraining, nor had those of the paper: encoder generalisation is then ordinary generalisation from training to test ECGs.',
};

/**
 * What must be known to read Table 2; printed below it.
 *
 * @param cells of the table
 * @param options.mode which mode is shown; options.pretrainedOnTraining as in `Table2Report`
 */
export function table2Notes(
  cells: readonly Table2Cell[],
  options: { readonly mode: RiskMode; readonly pretrainedOnTraining: SeenShare },
): string[] {
  const { mode, pretrainedOnTraining } = options;
  return [
    mode === 'robust'
      ? 'Robust mode: r_AS is the mean over all splits S of the balanced training ECGs, each ECG held out once; both classes count alike; the supervised network is judged at the true share of positives that it learnt at.'
      : 'Paper mode: r_AS is counted on one split S, with a standard error of about .06 at 50 ECGs, as large as the terms that it is part of; every ECG counts alike; all logits are cut at 0.',
    setsNote(cells.filter((cell) => cell.mode === mode)),
    'Risks are 0-1 errors of linear probes on frozen encoders; the caption of the paper says fine-tuned models.',
    'Approximation is the error of one supervised network an architecture: models that share it share the error. In the paper GL and HL share an architecture and differ.',
    SEEN_NOTES[pretrainedOnTraining],
    'The probe behind r_US learnt from all balanced training ECGs, those behind r_AS from all but S; this adds a little to probe generalisation and takes it from encoder generalisation. C of the probe without S is chosen by errors on ECGs outside S, those of probes that learnt from S too.',
    'Intervals: 95 %, patients of both sets and seeds drawn anew, the same draw for all models. They do not cover which training ECGs the probes were fitted on.',
  ];
}

function setsNote(cells: readonly Table2Cell[]): string {
  const words = TASKS.flatMap((task) => {
    const sets = cells.find((cell) => cell.task === task)?.sets;
    return sets === undefined ? [] : [`${task} ${sizeWords(sets.train)} and ${sizeWords(sets.test)}`];
  });
  const sets = cells.map((cell) => cell.sets).filter((one) => one !== undefined);
  const sizes = [...new Set(sets.map(({ heldOut }) => Number(heldOut.toFixed(1))))].sort((a, b) => a - b);
  const splits = [...new Set(sets.map((one) => one.splits))].join(', ');
  return `Positives + negatives of the training and the test ECGs: ${words.join('; ')}. |S| ${sizes.join(', ')}; splits ${splits}.`;
}

function sizeWords({ positives, negatives }: RiskSetSizes['train']): string {
  return `${positives} + ${negatives}`;
}
