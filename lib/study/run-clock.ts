import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../io/whole-file';

/** Seconds so far, while a run is not finished. */
const FILE = 'elapsed.txt';
const NOTE_EVERY_MS = 30_000;

/**
 * Measures what a run's own work takes: all its stretches where it was stopped in between, without the time of other runs
 * that it computes on the way.
 */
export class RunClock {
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  #seconds: number;
  /** Undefined while it is paused. */
  #since: number | undefined = performance.now();

  constructor(folder: string) {
    this.#file = join(folder, FILE);
    this.#seconds = existsSync(this.#file) ? Number(readFileSync(this.#file, 'utf8')) || 0 : 0;
    // noted on the way too, so that a killed run's time still counts
    this.#timer = setInterval(() => this.note(), NOTE_EVERY_MS);
  }

  get seconds(): number {
    return this.#seconds + (this.#since === undefined ? 0 : (performance.now() - this.#since) / 1000);
  }

  pause(): void {
    this.#seconds = this.seconds;
    this.#since = undefined;
  }

  resume(): void {
    this.#since = performance.now();
  }

  /** Keeps the seconds so far for the run that goes on. */
  note(): void {
    try {
      writeFileWhole(this.#file, `${this.seconds}\n`);
    } catch {
      // a full disk costs the time spent so far, not the run
    }
  }

  /** Stops it for good. */
  stop(): void {
    this.pause();
    clearInterval(this.#timer);
  }

  /** Removes what was noted of a run that is finished. */
  forget(): void {
    rmSync(this.#file, { force: true });
  }
}
