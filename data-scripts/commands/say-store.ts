import type { RejectionReason, StoreDescription } from 'hybrid-ecg';
import { shown } from '../folders';
import { count } from '../progress-line';
import { say } from './say';

/** Tells the counts of a store, everything that was lost on the way into it, and what can be done. */
export function sayStore(folder: string, description: StoreDescription): void {
  const { dataset, records, patients, folds, foldless, superclasses, unlabelled } = description;
  const { padded, cropped, saturated, bridged, unverified, rejected } = description;
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
  if (unverified > 0) say(`  placeholders for checksums: ${count(unverified)}, so nothing shows that they are whole`);
  for (const [reason, records] of Object.entries(rejected)) {
    say(`  ${reason}: ${count(records)} ${ADVICE[reason as RejectionReason]}`);
  }
}

/** What to do about records that were rejected, by reason; their number is said before it. */
const ADVICE: Readonly<Record<RejectionReason, string>> = {
  'missing-file': 'have files that are not here: once they are, --anew tries them again',
  unreadable:
    'could not be read: their files are damaged, cut short or not as the headers say; once mended, --anew tries them',
  'not-a-voltage': 'have a lead in a unit that is no voltage: correct the headers, then --anew',
  'missing-lead':
    'lack a lead of the twelve, or call it by a name that is not known: rename it in the headers, then --anew',
  'ambiguous-lead': 'have a lead twice, and the two differ: rename one in the headers, then --anew',
  'no-samples': 'are empty',
  'implausible-rate': 'have a sampling rate that no ECG has: correct the headers, then --anew',
  'too-short': 'are too short to hold a heartbeat for sure',
  'not-a-number': 'have samples that their publisher marked invalid',
  'no-signal': 'are flat in all leads',
  clipped: 'were recorded beyond the range of their amplifier or converter',
  'implausible-amplitude': 'have amplitudes that only a wrong gain or unit explains: correct the headers, then --anew',
  'not-representable': 'would have lost their signal as stored: rejected.csv says how (int16 holds ±32.767 mV)',
  duplicate: 'equal another record: --keep-duplicates keeps them',
};
