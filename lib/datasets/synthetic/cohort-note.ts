import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../io/whole-file';

/** Ways in which records are broken on purpose: the reasons for which a store rejects them. */
export type Fault =
  | 'unreadable'
  | 'missing-lead'
  | 'no-samples'
  | 'implausible-rate'
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

/** Writes the note of a part. */
export function writeCohortNote(folder: string, note: CohortNote): void {
  writeFileWhole(join(folder, NOTE_FILE), `${JSON.stringify(note, null, 2)}\n`);
}

/**
 * The note of a part that is there whole, of this version, seed and size; else undefined.
 *
 * @param options.table the file that is written last
 */
export function presentCohort(
  folder: string,
  wanted: Pick<CohortNote, 'version' | 'seed' | 'ecgs'> & { readonly table: string },
): CohortNote | undefined {
  if (!existsSync(join(folder, wanted.table))) return undefined;
  try {
    const note = JSON.parse(readFileSync(join(folder, NOTE_FILE), 'utf8')) as CohortNote;
    const { version, seed, ecgs } = wanted;
    return note.version === version && note.seed === seed && note.ecgs === ecgs ? note : undefined;
  } catch {
    return undefined; // another cohort's folder, or a damaged note: write it again
  }
}
