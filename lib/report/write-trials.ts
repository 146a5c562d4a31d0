import { formatCsv } from '../io/csv';
import { provenanceJson, withRuns } from './provenance';
import type { TrialsReport } from './trials-report';
import type { TableTarget } from './write-score-table';
import { writeTableTexts } from './write-table-texts';

const COLUMNS = [
  ...['model', 'recipe', 'patch_size', 'block_depth', 'embedding_size', 'epochs', 'changes', 'validation_mean_auroc'],
  ...[
    'mean_auroc',
    'low',
    'high',
    'minus_contrastive',
    'minus_contrastive_low',
    'minus_contrastive_high',
    'contrastive_run',
  ],
  'run',
];

/**
 * Writes what was tried: `trials.csv`, a row per recipe, and `trials.provenance.json`.
 *
 * Equal results give an equal `trials.csv`; the seconds of training, which differ from run to run, are in the provenance.
 *
 * @returns the paths written
 * @throws StorageError when the disk refuses
 */
export function writeTrials(
  { rows }: TrialsReport,
  { tables, provenance }: Pick<TableTarget, 'tables' | 'provenance'>,
): string[] {
  const lines = rows.map(({ model, title, architecture, changes, auroc, overContrastive, ...row }) => ({
    model,
    recipe: title,
    patch_size: architecture.patchSize,
    block_depth: architecture.blockDepth,
    embedding_size: architecture.embeddingSize,
    epochs: row.epochs,
    changes: JSON.stringify(changes),
    validation_mean_auroc: row.validationAuroc.toFixed(6),
    mean_auroc: auroc.value.toFixed(6),
    low: auroc.low.toFixed(6),
    high: auroc.high.toFixed(6),
    minus_contrastive: overContrastive?.value.toFixed(6),
    minus_contrastive_low: overContrastive?.low.toFixed(6),
    minus_contrastive_high: overContrastive?.high.toFixed(6),
    contrastive_run: overContrastive?.run,
    run: row.run,
  }));
  const runs = rows.map(({ run }) => ({ runs: [run] }));
  const trainingS = Object.fromEntries(rows.map((row) => [row.run, Math.round(row.trainingS)]));
  return writeTableTexts(tables, {
    'trials.csv': formatCsv(COLUMNS, lines),
    'trials.provenance.json': provenanceJson({ ...withRuns(provenance, runs), trainingS }),
  });
}
