import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** One line of a benchmark: what we and the usual Python tool need for the same work. */
export interface BenchRow {
  what: string;
  unit: string;
  ours: number;
  /** null where there is no Python with that tool */
  peer: number | null;
  peerName: string;
  /** above 1: ours is faster */
  ratio: number | null;
}

/** A Python process that does the work once for each line it is sent, and answers with the seconds it took. */
export interface PythonPeer {
  seconds(work: string): Promise<number>;
  stop(): void;
}

/**
 * Starts a script of this folder on one thread, by `BENCH_PYTHON` or else python3.
 *
 * @returns undefined when that Python is missing or cannot import what the script needs
 */
export async function startPythonPeer(script: string, ...args: string[]): Promise<PythonPeer | undefined> {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const child = spawn(process.env.BENCH_PYTHON ?? 'python3', [resolve(__dirname, script), ...args], {
    env: { ...process.env, ...threads },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {}); // no such Python: the lines end at once
  child.stdin.on('error', () => {}); // it ended: the next line never comes
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== 'ready') {
    child.kill();
    return undefined;
  }
  return {
    async seconds(work) {
      child.stdin.write(`${work}\n`);
      const answer = await lines.next();
      if (answer.done) throw new Error(`${script} ended while it did ${work}`);
      return Number(answer.value);
    },
    stop() {
      child.stdin.end();
    },
  };
}

/**
 * Measures ours and the peer in turn; medians, in seconds. The ratio is the median of those of each turn: a machine that
 * others share may be slow for some seconds, which then slow both.
 */
export async function sideBySide(
  what: string,
  ours: () => void | Promise<void>,
  options: { peer?: PythonPeer; work: string; peerName: string; rounds?: number },
): Promise<BenchRow> {
  const { peer, work, peerName, rounds = 5 } = options;
  const oursS: number[] = [];
  const peerS: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await ours();
    oursS.push((performance.now() - start) / 1000);
    if (peer !== undefined) peerS.push(await peer.seconds(work));
  }
  const row = { what, unit: 's', ours: median(oursS), peerName };
  if (peer === undefined) return { ...row, peer: null, ratio: null };
  return { ...row, peer: median(peerS), ratio: median(peerS.map((seconds, round) => seconds / oursS[round])) };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
