import type { StoreDescription } from 'hybrid-ecg';
import { shown } from '../folders';
import { count } from '../progress-line';
import { say } from './say';

/** Tells the counts of a store. */
export function sayStore(folder: string, description: StoreDescription): void {
  const { dataset, records, patients, folds, superclasses, unlabelled, rejected } = description;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(', ');
  const lost = Object.values(rejected).reduce((sum, value) => sum + value, 0);
  say(`${dataset} in ${shown(folder)}: ${count(records)} records of ${count(patients)} patients`);
  if (Object.keys(folds).length > 0) say(`  folds: ${list(folds)}`);
  if (superclasses !== undefined) say(`  superclasses: ${list(superclasses)}; none ${count(unlabelled)}`);
  say(lost === 0 ? '  rejected: none' : `  rejected: ${count(lost)} (${list(rejected)}); each in rejected.csv`);
}
