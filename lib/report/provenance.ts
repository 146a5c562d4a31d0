/** Where the figures of a table come from; written beside it and told in its caption. */
export interface Provenance {
  readonly profile: string;
  /** Dataset and number of test ECGs in words, e.g. 'PTB-XL fold 10, 2,198 ECGs'. */
  readonly data: string;
  /** The signals are simulated: figures show that the mechanics work and mean nothing else. */
  readonly synthetic: boolean;
  readonly seeds: readonly number[];
  /** Backend and version, e.g. 'tensorflow 2.21.0'. */
  readonly engine: string;
  /** Time the runs took, not the time of reading them again; s. */
  readonly durationS: number;
}

/** The caption's first words where ECGs are simulated. */
export const SYNTHETIC_NOTE = 'Synthetic ECGs: mechanics only, these numbers mean nothing.';

/** The caption of a table or figure; it leaves out the duration, which differs from run to run. */
export function captionOf(provenance: Provenance): string {
  const { profile, data, synthetic, seeds, engine } = provenance;
  const seedWord = seeds.length === 1 ? 'seed' : 'seeds';
  const line = `profile ${profile} · ${data} · ${seedWord} ${seeds.join(', ')} · engine ${engine}`;
  return synthetic ? `${SYNTHETIC_NOTE} ${line}` : line;
}

/** The text of `table-N.provenance.json`, which a CSV cannot carry in itself. */
export function provenanceJson(provenance: Provenance): string {
  const note = provenance.synthetic ? { note: SYNTHETIC_NOTE } : {};
  return `${JSON.stringify({ ...note, ...provenance }, null, 2)}\n`;
}
