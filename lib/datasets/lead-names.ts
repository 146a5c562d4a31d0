import type { EcgRecord } from './ecg-record';

/** The twelve leads in the order of every standardised ECG. */
export const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'] as const;

/** Name of one of the twelve leads. */
export type Lead = (typeof LEADS)[number];

const BY_LOWER_CASE: ReadonlyMap<string, Lead> = new Map(LEADS.map((lead) => [lead.toLowerCase(), lead]));

/** `-aVR` is aVR turned upside down, and no aVR after a hyphen. */
const SPELLING = /^(?:(?:ecg|ekg)[\s_:-]*)?(?:lead[\s_:-]*)?(?:d?(i{1,3})|((?<!-)avr|avl|avf|v[1-6]))$/;

/**
 * The lead of the twelve that a channel's name means: in any case, perhaps after `ECG` or `lead` (`Lead_II`, `ECG aVR`,
 * `lead V1`), or with the D of "derivation" (`DII`).
 *
 * @returns undefined for all else: other leads (`MLII`, `-aVR`, `V4R`), numbers, other signals
 */
export function leadNamed(name: string): Lead | undefined {
  const spelled = name.trim().toLowerCase();
  const exact = BY_LOWER_CASE.get(spelled);
  if (exact !== undefined) return exact;
  const found = SPELLING.exec(spelled);
  return found === null ? undefined : BY_LOWER_CASE.get(found[1] ?? found[2]);
}

/**
 * Finds the twelve leads by name (`leadNamed`): publishers differ in order and in spelling.
 *
 * @param names lead names of a record, in its order
 * @returns for each of `LEADS` its position in `names`, or -1 if the record lacks it; the first position if a name repeats
 */
export function leadPositions(names: readonly string[]): number[] {
  const leads = names.map(leadNamed);
  return LEADS.map((lead) => leads.indexOf(lead));
}

/**
 * A lead that a record has more than once, with samples that differ: nothing says which of them is meant.
 *
 * @returns the lead and what differs, in words; undefined where every lead is there once, or its copies are equal
 */
export function ambiguousLead({
  leads,
  signal,
  samples,
}: Pick<EcgRecord, 'leads' | 'signal' | 'samples'>): { readonly lead: Lead; readonly detail: string } | undefined {
  const first = new Map<Lead, Float32Array>();
  for (const [i, name] of leads.entries()) {
    const lead = leadNamed(name);
    if (lead === undefined) continue;
    const own = signal.subarray(i * samples, (i + 1) * samples);
    const before = first.get(lead);
    if (before === undefined) first.set(lead, own);
    else if (!own.every((value, k) => Object.is(value, before[k]))) {
      const flat = [before, own].some((copy) => copy.every((value) => value === copy[0]));
      return { lead, detail: `${lead} twice, and the two differ${flat ? ': one is flat' : ''}` };
    }
  }
  return undefined;
}
