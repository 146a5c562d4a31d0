import { TASKS, type Task } from '../metrics/tasks';
import type { EcgStore } from '../store/open-store';
import { type Cohort, SPLITS, type Split } from './cohort';
import type { Profile } from './profile-schema';
import { labelsOf } from './run-probe';

/** One split of a cohort: its size, and its ECGs with each superclass. */
export interface SplitDescription extends Readonly<Record<Task, number>> {
  readonly split: Split;
  /** The publisher's folds, separated by blanks; of a split by patients its part. */
  readonly folds: string;
  readonly ecgs: number;
  readonly patients: number;
}

/** Counts ECGs, patients and superclasses of each split. */
export function describeSplits(store: EcgStore, cohort: Cohort, { data }: Pick<Profile, 'data'>): SplitDescription[] {
  return SPLITS.map((split) => {
    const rows = cohort[split];
    const labels = labelsOf(store, rows);
    const positives = TASKS.map((task) => [task, labels[task].reduce((sum, label) => sum + label, 0)]);
    return {
      split,
      folds: foldsOf(data[split]),
      ecgs: rows.length,
      patients: new Set(Array.from(rows, (row) => store.patientIds[row])).size,
      ...(Object.fromEntries(positives) as Record<Task, number>),
    };
  });
}

function foldsOf(subset: Profile['data'][Split]): string {
  return 'part' in subset ? subset.part : subset.folds.join(' ');
}
