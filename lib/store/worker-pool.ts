import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { endWorkers, type WorkerProcess } from '../end-workers';
import { StorageError } from '../errors';
import { compiledProgram } from '../io/compiled-program';
import { lockFolder } from '../io/folder-lock';
import { receivedFault } from '../sent-fault';
import { WorkerError } from '../worker-error';
import { type StorePlan, shardRows } from './store-plan';
import type { DatasetOpener, WorkerAnswer, WorkerOrder } from './worker-messages';

/** Work for several processes. */
export interface PoolWork {
  readonly folder: string;
  readonly plan: StorePlan;
  /** How each process opens the dataset. */
  readonly opener: DatasetOpener;
  /** Number of the dataset's rows. */
  readonly rows: number;
  /** The shards to make. */
  readonly shards: readonly number[];
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** Called every few records: how many have been done by all, and rejected. */
  onProgress(done: number, rejected: number): void;
  /** Called when a process died and its shard is being made again. */
  onWorkerDeath(fault: WorkerError): void;
}

interface Member extends WorkerProcess {
  readonly lock: string;
  /** How far it is with its shards: one is being written, the last one made. */
  readonly inHand: Map<number, { done: number; rejected: number }>;
  stopping: boolean;
}

/** How long a process may take to end when it is told to. */
const PATIENCE_MS = 20_000;

/**
 * Makes shards in several processes, each one shard at a time, and the one before it still on its way to the disk; the
 * first that is free takes the next.
 *
 * A process that dies is named, and its shards made again by a new one; when that one dies of the same shard too, or
 * before its first, all stop.
 *
 * @throws WorkerError when a shard kills two processes; the error of a process, such as StorageError on a full disk; the
 *   signal's reason
 */
export async function makeShards(work: PoolWork): Promise<void> {
  await othersGone(work.folder);
  const pool = new Pool(work);
  try {
    await pool.run();
  } finally {
    await pool.stop();
    await othersGone(work.folder); // takes away the locks of processes that died
  }
}

class Pool {
  private readonly waiting: number[];
  private readonly members = new Set<Member>();
  private readonly deaths = new Map<number, number>(); // by shard
  /** Records of finished shards. */
  private finished = 0;
  private rejected = 0;
  private left: number;
  private settle = { resolve: () => {}, reject: (_: unknown) => {} };

  constructor(private readonly work: PoolWork) {
    this.waiting = [...work.shards];
    this.left = work.shards.length;
  }

  async run(): Promise<void> {
    const { signal, workers } = this.work;
    signal?.throwIfAborted();
    if (this.left === 0) return;
    const abort = () => this.settle.reject(signal!.reason);
    try {
      await new Promise<void>((resolve, reject) => {
        this.settle = { resolve, reject };
        signal?.addEventListener('abort', abort);
        for (let i = 0; i < Math.min(workers, this.left); i++) this.start(`writing-worker-${i + 1}.lock`);
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Tells all to stop and waits until they are gone. */
  async stop(): Promise<void> {
    for (const member of this.members) member.stopping = true;
    await endWorkers([...this.members], PATIENCE_MS);
  }

  private start(lock: string): void {
    const { folder, opener, plan } = this.work;
    const child = fork(compiledProgram(__dirname, 'shard-worker.js', 'store'), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let left = () => {};
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    const member: Member = { process: child, lock, inHand: new Map(), stopping: false, gone };
    this.members.add(member);
    child.on('message', (answer: WorkerAnswer) => this.careful(() => this.take(member, answer)));
    child.on('error', (error) => {
      if (child.pid === undefined) left(); // it never began, and so does not exit
      this.settle.reject(error);
    });
    child.on('exit', (code, signal) => {
      this.members.delete(member);
      left();
      const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
      if (!member.stopping) this.careful(() => this.died(member, how));
    });
    this.send(member, { settings: { folder, opener, plan, lock } });
  }

  /** An error of a caller's function ends the work, not the process. */
  private careful(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.settle.reject(error);
    }
  }

  private take(member: Member, answer: WorkerAnswer): void {
    if (member.stopping) return;
    if ('fault' in answer) {
      this.settle.reject(receivedFault(answer.fault));
      return;
    }
    if ('ready' in answer || 'computed' in answer) this.next(member);
    else if ('made' in answer) {
      const { done, rejected } = member.inHand.get(answer.made)!;
      member.inHand.delete(answer.made);
      this.finished += done;
      this.rejected += rejected;
      this.left--;
    } else member.inHand.set(answer.shard, answer);
    const inHand = [...this.members].flatMap((one) => [...one.inHand.values()]);
    const sum = (key: 'done' | 'rejected') => inHand.reduce((total, one) => total + one[key], 0);
    this.work.onProgress(this.finished + sum('done'), this.rejected + sum('rejected'));
    if (this.left === 0) this.settle.resolve();
  }

  private next(member: Member): void {
    const shard = this.waiting.shift();
    if (shard === undefined) return;
    member.inHand.set(shard, { done: 0, rejected: 0 });
    this.send(member, { shard });
  }

  private send(member: Member, order: WorkerOrder): void {
    member.process.send(order, () => {}); // one that has died shows it by its exit
  }

  private died(member: Member, how: string): void {
    const { plan, rows, folder } = this.work;
    const shards = [...member.inHand.keys()];
    const shard = shards.at(-1); // the one being made
    const actual = `process ${member.process.pid} ${how}`;
    if (shard === undefined) {
      if (this.left > 0) {
        const expected = 'a process that opens the dataset and makes shards';
        this.settle.reject(new WorkerError('worker', { expected, actual, where: { file: folder } }));
      }
      return;
    }
    const { start, end } = shardRows(shard, plan.recordsPerShard, rows);
    const expected = `shard ${shard} of the rows ${start + 1} to ${end}`;
    const fault = new WorkerError('worker', { expected, actual, where: { file: folder } });
    const deaths = (this.deaths.get(shard) ?? 0) + 1;
    if (deaths > 1) {
      this.settle.reject(fault);
      return;
    }
    this.deaths.set(shard, deaths);
    this.work.onWorkerDeath(fault);
    this.waiting.unshift(...shards);
    this.start(member.lock);
  }
}

/**
 * Waits until no worker process of an earlier call writes in a folder: one whose parent was killed ends by itself, when the
 * record or the shard at hand is done.
 *
 * @throws StorageError when one does not end
 */
export async function othersGone(folder: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (const file of readdirSync(folder).filter((name) => /^writing-worker-\d+\.lock$/.test(name))) {
    for (;;) {
      try {
        lockFolder(folder, { file })();
        break;
      } catch (fault) {
        if (!(fault instanceof StorageError) || Date.now() > until) throw fault;
        await setTimeout(50);
      }
    }
  }
}
