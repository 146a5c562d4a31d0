import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder, releaseFolder } from '../../io/own-folder';
import { writeFileWhole } from '../../io/whole-file';

/** Ways in which records are broken on purpose: the reasons for which a store rejects them. */
export type Fault =
  | 'missing-file'
  | 'unreadable'
  | 'not-a-voltage'
  | 'missing-lead'
  | 'ambiguous-lead'
  | 'no-samples'
  | 'implausible-rate'
  | 'too-short'
  | 'not-a-number'
  | 'no-signal'
  | 'clipped'
  | 'implausible-amplitude'
  | 'duplicate';

/** What decides a part of the cohort, and its counts: `planted.json`. */
export interface CohortNote {
  /** Goes up when equal seeds give other bytes. */
  readonly version: number;
  readonly seed: number;
  /** ECGs without the planted ones. */
  readonly ecgs: number;
  /** ECGs with them. */
  readonly records: number;
  readonly patients: number;
  /** Ids of the broken records by reason. */
  readonly planted: Readonly<Record<string, readonly string[]>>;
}

/** A part of the cohort on disk. */
export interface SyntheticCohort extends CohortNote {
  /** True when it was there already. */
  readonly existed: boolean;
}

/** Options of writing a part of the cohort. */
export interface SyntheticCohortOptions {
  /** ECGs, without the planted ones; default 1,200 in PTB-XL's format, 40 in each other. */
  readonly ecgs?: number;
  /** Seed of everything; default 2003. */
  readonly seed?: number;
  /** Called after every ECG. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops between two ECGs. */
  readonly signal?: AbortSignal;
}

/** Seed where none is given. */
export const DEFAULT_SEED = 2003;

/** Name of the note in its folder. */
export const NOTE_FILE = 'planted.json';

/** What decides whether a part that is there is the one that is wanted, and which files are a part's. */
export interface CohortFolder extends Pick<CohortNote, 'version' | 'seed' | 'ecgs'> {
  /** The dataset whose format the part has. */
  readonly dataset: string;
  /** The file that is written last. */
  readonly table: string;
  /** Paths in the folder, with `/`, of the part's files and folders but for the note. */
  readonly owned: RegExp;
}

/**
 * The note of a part that is there whole, of this version, seed and size; else undefined, and the folder is claimed for the
 * part, without a table.
 *
 * @throws ArgumentError when the folder holds anything but an earlier part, whole or begun; it then stays as it is
 */
export function presentCohort(folder: string, wanted: CohortFolder): CohortNote | undefined {
  const note = readNote(folder);
  const { version, seed, ecgs, dataset, table, owned } = wanted;
  if (note?.version === version && note.seed === seed && note.ecgs === ecgs && existsSync(join(folder, table))) {
    releaseFolder(folder); // of a call that was killed at its very end
    return note;
  }
  const writes = `the synthetic cohort in the format of ${dataset}`;
  claimFolder(folder, {
    writes,
    names: (path) => path === NOTE_FILE || owned.test(path),
    finished: () => note && writes,
  });
  rmSync(join(folder, table), { force: true });
  return undefined;
}

/** Writes the note of a part, then what writes its table: the folder is whole. */
export function finishCohort(folder: string, note: CohortNote, writeTable: () => void = () => {}): void {
  writeFileWhole(join(folder, NOTE_FILE), `${JSON.stringify(note, null, 2)}\n`);
  writeTable();
  releaseFolder(folder);
}

function readNote(folder: string): CohortNote | undefined {
  try {
    const note = JSON.parse(readFileSync(join(folder, NOTE_FILE), 'utf8')) as CohortNote;
    return typeof note.version === 'number' && typeof note.planted === 'object' ? note : undefined;
  } catch {
    return undefined; // none, or another program's
  }
}
