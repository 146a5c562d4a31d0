/** Where the figures of a table come from; written beside it and told in its caption. */
export interface Provenance {
  readonly profile: string;
  /** Dataset, test split and number of test ECGs in words, e.g. 'PTB-XL (rate 100), fold 10, 2,198 test ECGs'. */
  readonly data: string;
  /** The signals are simulated: figures show that the mechanics work and mean nothing else. */
  readonly synthetic: boolean;
  readonly seeds: readonly number[];
  /** Backend and version that the runs were computed with, e.g. 'tensorflow 2.21.0'. */
  readonly engine: string;
  /** Hash of the profile's settings. */
  readonly settings?: string;
  /** Time the runs took, not the time of reading them again; s. Absent where it is not known of these runs. */
  readonly durationS?: number;
  /** Time that each pretraining took, s, by run; of the recipes tried. */
  readonly trainingS?: Readonly<Record<string, number>>;
  /** Hash of the manifest of the standardised ECGs. */
  readonly dataManifest?: string;
  /** That of each other dataset that was pretrained on, by name. */
  readonly otherManifests?: Readonly<Record<string, string>>;
  /** Names of the run folders behind the figures. */
  readonly runs?: readonly string[];
}

/** The caption's first words where ECGs are simulated. */
export const SYNTHETIC_NOTE = 'Synthetic ECGs: mechanics only, these numbers mean nothing.';

/** More run names than this are counted. */
const MOST_NAMES = 2;
const HASH_DIGITS = 10;

/** The caption of a table or figure in one line. */
export function captionOf(provenance: Provenance): string {
  const line = captionLines(provenance).join(' · ');
  return provenance.synthetic ? `${SYNTHETIC_NOTE} ${line}` : line;
}

/** The caption in the lines of a figure: what was computed; then, where runs or data manifest are known, from what. */
export function captionLines({ profile, data, seeds, engine, ...provenance }: Provenance): string[] {
  const { dataManifest, runs, durationS } = provenance;
  const seedWord = seeds.length === 1 ? 'seed' : 'seeds';
  const first = `profile ${profile} · ${data} · ${seedWord} ${seeds.join(', ')} · engine ${engine}`;
  const traces = [
    ...(dataManifest === undefined ? [] : [`data manifest ${dataManifest.slice(0, HASH_DIGITS)}`]),
    ...(runs === undefined ? [] : [runNames(runs)]),
  ];
  // Without them the figure is no table's, and the duration, which differs from run to run, would change it.
  if (traces.length === 0) return [first];
  return [first, [...traces, ...(durationS === undefined ? [] : [durationWords(durationS)])].join(' · ')];
}

/** The provenance of a table: the run names of its cells, unless they are given. */
export function withRuns(provenance: Provenance, cells: readonly { readonly runs?: readonly string[] }[]): Provenance {
  const names = [...new Set(cells.flatMap(({ runs = [] }) => runs))];
  return { ...provenance, runs: provenance.runs ?? (names.length === 0 ? undefined : names) };
}

/** The provenance of what shows a part of a table: the part's own runs; how long those took is not known. */
export function ofPart(provenance: Provenance, shown: readonly { readonly runs?: readonly string[] }[]): Provenance {
  return { ...withRuns(provenance, shown), durationS: undefined };
}

/** The text of `table-N.provenance.json`, which a CSV cannot carry in itself. */
export function provenanceJson(provenance: Provenance): string {
  const note = provenance.synthetic ? { note: SYNTHETIC_NOTE } : {};
  return `${JSON.stringify({ ...note, ...provenance }, null, 2)}\n`;
}

function runNames(runs: readonly string[]): string {
  if (runs.length <= MOST_NAMES) return `${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')}`;
  return `${runs.length} runs, named in the cells' CSV`;
}

/** `42 s`, `13 min`, `5.2 h` of computing. */
function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s of computing`;
  return seconds < 3600
    ? `${Math.round(seconds / 60)} min of computing`
    : `${(seconds / 3600).toFixed(1)} h of computing`;
}
