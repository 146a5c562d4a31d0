import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StaleError } from '../errors';
import { LOCK_FILE, lockFolder } from '../io/folder-lock';
import { hashFile } from '../io/hash-file';
import { PART, writeFileWhole } from '../io/whole-file';
import { canonicalJson, hashOf } from './canonical-json';
import { RunClock } from './run-clock';

/** Goes up when the same settings would give other numbers: runs of another version are not taken for this one's. */
const ALGORITHM_VERSION = 1;

const CONFIG = 'config.json';
const RECEIPT = 'run.json';

/** A finished piece of work in its folder. */
export interface Run {
  /** `<what>-<hash of everything that decides the result>`. */
  readonly name: string;
  readonly folder: string;
  /** Seconds that its own work took: all stretches where it was stopped in between, a killed one's to within 30 s. */
  readonly seconds: number;
  /** The engine that did it. */
  readonly engine: string;
}

/** What a piece of work is: its name for people, and all settings that decide its result. */
export interface RunSpec {
  readonly what: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The name of a run's folder: equal settings, equal name. */
export function runName({ what, config }: RunSpec): string {
  return `${what}-${hashOf({ ...config, version: ALGORITHM_VERSION }).slice(0, 10)}`;
}

const receiptSchema = z.strictObject({
  seconds: z.number(),
  engine: z.string(),
  /** SHA-256 of each file. */
  files: z.record(z.string(), z.string()),
  /** `hashOf` the above; receipts of earlier versions have none. */
  sha256: z.string().optional(),
});

type Receipt = z.infer<typeof receiptSchema>;

/**
 * Finished and unfinished work in folders named by the hash of their settings.
 *
 * A run is finished when its `run.json` is there, written last, with the SHA-256 of every file. What is finished is
 * never computed again; what is not is gone on with by the work itself.
 */
export class RunStore {
  readonly folder: string;
  /** Of the run that is being computed: another that it computes on the way stops it meanwhile. */
  #clock: RunClock | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What is on disk of a run: nothing, a part, or all. */
  stateOf(spec: RunSpec): 'missing' | 'started' | 'finished' {
    const folder = join(this.folder, runName(spec));
    if (existsSync(join(folder, RECEIPT))) return 'finished';
    return existsSync(folder) ? 'started' : 'missing';
  }

  /**
   * The run of these settings: found, or computed now.
   *
   * @param work writes the run's files into the folder; one that was killed finds what it left there
   * @param options.engine named in the receipt
   * @throws StaleError when the folder holds other settings or its files are not those of its receipt
   * @throws StorageError when another process is computing it
   */
  async compute(spec: RunSpec, work: (folder: string) => Promise<void>, { engine }: { engine: string }): Promise<Run> {
    const name = runName(spec);
    const folder = join(this.folder, name);
    const config = `${JSON.stringify({ ...JSON.parse(canonicalJson(spec.config)), version: ALGORITHM_VERSION }, null, 2)}\n`;
    const found = await this.#find(name, config);
    if (found !== undefined) return found;
    const unlock = lockFolder(folder);
    try {
      const doneMeanwhile = await this.#find(name, config); // by a process that had the lock until now
      if (doneMeanwhile !== undefined) return doneMeanwhile;
      const configFile = join(folder, CONFIG);
      if (!existsSync(configFile)) {
        requireEmpty(folder); // a run begins with its settings
        writeFileWhole(configFile, config);
      }
      const seconds = await this.#timed(folder, () => work(folder));
      const done = { seconds, engine, files: await hashFiles(folder) };
      const receipt: Receipt = { ...done, sha256: hashOf(done) };
      writeFileWhole(join(folder, RECEIPT), `${JSON.stringify(receipt, null, 2)}\n`);
      return { name, folder, seconds, engine };
    } finally {
      unlock();
    }
  }

  /** Does a run's work; gives the seconds that it took, those of earlier stretches too. */
  async #timed(folder: string, work: () => Promise<void>): Promise<number> {
    const outer = this.#clock;
    outer?.pause();
    const clock = new RunClock(folder);
    this.#clock = clock;
    try {
      await work();
      clock.forget();
    } catch (error) {
      clock.note();
      throw error;
    } finally {
      clock.stop();
      this.#clock = outer;
      outer?.resume();
    }
    return clock.seconds;
  }

  async #find(name: string, config: string): Promise<Run | undefined> {
    const folder = join(this.folder, name);
    const configFile = join(folder, CONFIG);
    if (existsSync(configFile) && readFileSync(configFile, 'utf8') !== config) {
      throw new StaleError('run folder', {
        expected: 'the settings that its name stands for',
        actual: 'others (another version, or edited by hand): remove the folder',
        where: { file: configFile },
      });
    }
    const receiptFile = join(folder, RECEIPT);
    if (!existsSync(receiptFile)) return undefined;
    const { seconds, engine, files } = readReceipt(receiptFile);
    for (const [file, expected] of Object.entries(files)) {
      const path = join(folder, file);
      const actual = existsSync(path) ? await hashFile(path) : 'no file';
      if (actual !== expected) {
        throw new StaleError('file of a finished run', {
          expected: `SHA-256 ${expected}`,
          actual: `${actual}: it is damaged, remove the folder to compute it again`,
          where: { file: path },
        });
      }
    }
    return { name, folder, seconds, engine };
  }
}

function readReceipt(file: string): Receipt {
  try {
    const { sha256, ...done } = receiptSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (sha256 === undefined || sha256 === hashOf(done)) return done;
  } catch {
    // falls through to the error below: no JSON is as bad as other JSON
  }
  throw new StaleError('run receipt', {
    expected: 'seconds, engine and files, as they were written',
    actual: 'something else: it is damaged, remove the folder to compute it again',
    where: { file },
  });
}

/** @throws StaleError when a folder without settings holds anything but a lock, or what a killed process had not written whole */
function requireEmpty(folder: string): void {
  const found = readdirSync(folder).filter((file) => file !== LOCK_FILE && !file.endsWith(PART));
  if (found.length === 0) return;
  const actual = `${found.slice(0, 3).join(', ')}: move it away`;
  throw new StaleError('run folder', { expected: `${CONFIG}, or no files yet`, actual, where: { file: folder } });
}

/** Of all files but the lock and what a killed process had not written whole. */
async function hashFiles(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const file of readdirSync(folder).sort()) {
    if (file === LOCK_FILE || file === RECEIPT || file.endsWith(PART)) continue;
    hashes[file] = await hashFile(join(folder, file));
  }
  return hashes;
}
