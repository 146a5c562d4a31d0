import { TASKS, type Task } from '../metrics/tasks';
import type { EcgStore } from '../store/open-store';
import { type Cohort, isOwn, SPLITS, type Split } from './cohort';
import { labelsOf } from './labelled-splits';
import type { Profile } from './profile-schema';

/** ECGs of one split: their number, and how many have each superclass. */
export interface SplitDescription extends Readonly<Record<Task, number | '–'>> {
  readonly split: Split;
  /** The publisher's folds, separated by blanks; of a split by patients its part; of another dataset its name. */
  readonly folds: string;
  readonly ecgs: number;
  readonly patients: number;
}

/**
 * Counts ECGs, patients and superclasses of each split.
 *
 * Pretraining has a row for the profile's own dataset and one for each other dataset; these have no superclasses.
 *
 * @param options.others stores of the other datasets, by name
 */
export function describeSplits(
  store: EcgStore,
  cohort: Cohort,
  {
    profile: { data },
    others,
  }: { readonly profile: Pick<Profile, 'data'>; readonly others: ReadonlyMap<string, EcgStore> },
): SplitDescription[] {
  return SPLITS.flatMap((split) => {
    const own = isOwn(data[split]) ? [describeOwn(store, cohort, { split, data })] : [];
    return split === 'pretrain' ? [...own, ...[...others].map(describeOther)] : own;
  });
}

function describeOwn(
  store: EcgStore,
  cohort: Cohort,
  { split, data }: Pick<Profile, 'data'> & { readonly split: Split },
): SplitDescription {
  const rows = cohort[split];
  const labels = labelsOf(store, rows);
  return {
    split,
    folds: foldsOf(data[split]),
    ecgs: rows.length,
    patients: new Set(Array.from(rows, (row) => store.patientIds[row])).size,
    ...forTasks((task) => labels[task].reduce((sum, label) => sum + label, 0)),
  };
}

function describeOther([name, { length, patientIds }]: readonly [string, EcgStore]): SplitDescription {
  const patients = new Set(patientIds).size;
  return { split: 'pretrain', folds: name, ecgs: length, patients, ...forTasks(() => '–' as const) };
}

function forTasks<Value>(of: (task: Task) => Value): Record<Task, Value> {
  return Object.fromEntries(TASKS.map((task) => [task, of(task)])) as Record<Task, Value>;
}

function foldsOf(subset: Profile['data'][Split]): string {
  if ('part' in subset) return subset.part;
  return 'folds' in subset ? subset.folds.join(' ') : '';
}
