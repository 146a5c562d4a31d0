import { fork } from 'node:child_process';
import { endWorkers, type WorkerProcess } from '../end-workers';
import { availableCores } from '../engine/available-cores';
import { EngineError } from '../engine/engine-error';
import type { Backend } from '../engine/use-engine';
import { ArgumentError } from '../errors';
import { compiledProgram } from '../io/compiled-program';
import { DivergedError } from '../pretrain/diverged-error';
import { OutOfMemoryError } from '../pretrain/out-of-memory';
import { receivedFault } from '../sent-fault';
import { WorkerError } from '../worker-error';
import type { JobAnswer, JobOrder } from './job-messages';
import type { StudyOpening } from './open-context';
import type { PlannedJob } from './plan';
import type { Watch } from './study-context';

interface JobsOptions extends Watch {
  readonly opening: StudyOpening;
  /** Of the study: it is a part of the runs' names. */
  readonly backend: Backend;
  /** Processes, >= 1. */
  readonly workers: number;
}

/** What a job may throw beside the errors of files and arguments. */
const JOB_ERRORS = [DivergedError, OutOfMemoryError, EngineError, WorkerError];

/** How long a process may take to end when it is told to: a training asks its validation ECGs before it stops. */
const PATIENCE_MS = 120_000;

/**
 * Does the missing ones of a study's jobs in several processes: the first that is free takes the first job whose needs are
 * there.
 *
 * Each process has its share of the cores, at least one. When one dies or fails, the others stop at their next step;
 * what they have done is kept.
 */
export async function computeJobs(jobs: readonly PlannedJob[], options: JobsOptions): Promise<void> {
  const { workers, signal } = options;
  if (!(Number.isInteger(workers) && workers >= 1)) {
    throw new ArgumentError('workers', { expected: 'a whole number >= 1', actual: String(workers) });
  }
  signal?.throwIfAborted();
  if (jobs.every(({ state }) => state === 'finished')) return;
  const pool = new JobPool(jobs, options);
  try {
    await pool.run();
  } finally {
    await pool.stop();
  }
}

interface Member extends WorkerProcess {
  /** The job at hand. */
  job?: PlannedJob;
  /** It waits for an order. */
  free: boolean;
}

class JobPool {
  readonly #options: JobsOptions;
  readonly #waiting: PlannedJob[];
  readonly #finished: Set<string>;
  readonly #members: Member[] = [];
  /** How many processes are started. */
  readonly #size: number;
  #stopping = false;
  #settle = { resolve: () => {}, reject: (_: unknown) => {} };

  constructor(jobs: readonly PlannedJob[], options: JobsOptions) {
    this.#options = options;
    this.#waiting = jobs.filter(({ state }) => state !== 'finished');
    this.#size = Math.min(options.workers, this.#waiting.length);
    this.#finished = new Set(jobs.filter(({ state }) => state === 'finished').map(({ run }) => run));
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const abort = () => this.#settle.reject(signal!.reason);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        signal?.addEventListener('abort', abort);
        for (let i = 0; i < this.#size; i++) this.#start();
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Tells all to stop and waits until they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await endWorkers(this.#members, PATIENCE_MS);
  }

  #start(): void {
    const { opening, backend } = this.#options;
    const program = compiledProgram(__dirname, 'job-worker.js', 'study');
    const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const gone = new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
      child.on('error', () => child.pid === undefined && resolve()); // it never began, and so does not exit
    });
    const member: Member = { process: child, free: false, gone };
    this.#members.push(member);
    child.on('message', (answer: JobAnswer) => {
      try {
        this.#take(member, answer);
      } catch (error) {
        this.#settle.reject(error); // of a caller's function
      }
    });
    child.on('error', (error) => this.#settle.reject(error));
    child.on('exit', (code, signal) =>
      this.#died(member, signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`),
    );
    this.#send(member, { opening, backend, threads: Math.max(1, Math.floor(availableCores() / this.#size)) });
  }

  #take(member: Member, answer: JobAnswer): void {
    if (this.#stopping) return;
    if ('progress' in answer) {
      this.#options.onProgress?.(answer.progress);
      return;
    }
    if ('fault' in answer) {
      this.#settle.reject(receivedFault(answer.fault, JOB_ERRORS));
      return;
    }
    if ('finished' in answer) {
      this.#finished.add(answer.finished);
      member.job = undefined;
    }
    member.free = true;
    this.#giveOut();
  }

  /** Gives each free process the first job whose needs are there. */
  #giveOut(): void {
    for (const member of this.#members.filter(({ free }) => free)) {
      const next = this.#waiting.findIndex(({ needs }) => needs.every((run) => this.#finished.has(run)));
      if (next === -1) break; // what it needs is being made
      [member.job] = this.#waiting.splice(next, 1);
      member.free = false;
      this.#send(member, { run: member.job.run });
    }
    if (this.#waiting.length === 0 && this.#members.every(({ job }) => job === undefined)) this.#settle.resolve();
  }

  #send({ process }: Member, order: JobOrder): void {
    process.send(order, () => {}); // one that has died shows it by its exit
  }

  #died({ process, job }: Member, how: string): void {
    if (this.#stopping) return;
    const expected = job === undefined ? 'a process that does the jobs of a study' : job.job;
    const where = job === undefined ? {} : { file: job.run };
    this.#settle.reject(new WorkerError('worker', { expected, actual: `process ${process.pid} ${how}`, where }));
  }
}
