import { caseRatioSubset } from '../evaluate/case-ratio-subset';
import { dataUsageSubset } from '../evaluate/data-usage-subset';
import type { EcgStore } from '../store/open-store';
import type { LabelSubset } from './fine-tune-jobs';
import { labelsOf } from './labelled-splits';

/**
 * The ECGs that a training on labels learns from, among the labelled training ECGs.
 *
 * @param rows of the store
 * @param options.subset default all; the seed decides which, so that more labels include the fewer
 * @returns rows of the store
 */
export function labelSubset(
  store: EcgStore,
  rows: Int32Array,
  { subset, seed }: { subset?: LabelSubset; seed: number },
): Int32Array {
  if (subset === undefined) return rows;
  const labels = labelsOf(store, rows);
  const positions =
    'casePercent' in subset
      ? caseRatioSubset(labels[subset.task], { ratio: subset.casePercent / 100, ecgs: subset.ecgs, seed })
      : dataUsageSubset(
          { labels, patientIds: Array.from(rows, (row) => store.patientIds[row]) },
          { share: subset.usagePercent / 100, seed },
        );
  return positions.map((position) => rows[position]);
}
