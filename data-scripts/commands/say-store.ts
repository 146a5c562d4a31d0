import type { StoreDescription } from 'hybrid-ecg';
import { shown } from '../folders';
import { count } from '../progress-line';
import { say } from './say';

/** Tells the counts of a store, and everything that was lost on the way into it. */
export function sayStore(folder: string, description: StoreDescription): void {
  const { dataset, records, patients, folds, foldless, superclasses, unlabelled } = description;
  const { padded, cropped, saturated, bridged, rejected } = description;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(', ');
  const lost = Object.values(rejected).reduce((sum, value) => sum + value, 0);
  say(`${dataset} in ${shown(folder)}: ${count(records)} records of ${count(patients)} patients`);
  say(lost === 0 ? '  rejected: none' : `  rejected: ${count(lost)} (${list(rejected)}); each in rejected.csv`);
  if (foldless === records) say('  folds: none');
  else say(`  folds: ${list(folds)}${foldless > 0 ? `; none ${count(foldless)}` : ''}`);
  if (superclasses === undefined) say('  superclasses: none in this dataset');
  else say(`  superclasses: ${list(superclasses)}; none ${count(unlabelled)}`);
  if (cropped > 0) say(`  longer than 10 s: ${count(cropped)}, cropped about the centre`);
  if (padded > 0) say(`  shorter than 10 s: ${count(padded)}, padded with zeros at both ends`);
  if (bridged > 0) say(`  invalid samples: ${count(bridged)}, bridged by lines between their neighbours`);
  if (saturated > 0) say(`  beyond the ±32.767 mV of int16: ${count(saturated)} values, clipped; float32 keeps them`);
  const { 'not-representable': lostAsStored = 0 } = rejected;
  if (lostAsStored > 0) {
    say(
      `  ${count(lostAsStored)} would have lost their signal as stored: rejected.csv says how (int16 holds ±32.767 mV)`,
    );
  }
}
