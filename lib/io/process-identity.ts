import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** What tells a process from all others, also from a later one that gets its number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it started: clock ticks since the machine's start; where there is no /proc, what only it can compare. */
  readonly started?: string;
  /** The machine's start, as Linux names it. */
  readonly boot?: string;
  /** Its name space of process numbers: a container has its own. */
  readonly numbers?: string;
}

/** The process that calls. */
export function thisProcess(): ProcessIdentity {
  const { pid } = process;
  return {
    pid,
    host: hostname(),
    started: statOf(pid)?.started ?? `origin ${performance.timeOrigin}`,
    boot: tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    numbers: tryRead(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/**
 * Whether a process still runs.
 *
 * @returns undefined when this process cannot know: the other one is of another machine or container
 */
export function isRunning(other: ProcessIdentity): boolean | undefined {
  const { pid, host, started, boot, numbers } = thisProcess();
  if (other.host !== host || other.boot !== boot || other.numbers !== numbers || other.started === undefined) {
    return undefined;
  }
  if (other.pid === pid) return other.started === started;
  if (!hasProcess(other.pid)) return false;
  const stat = statOf(other.pid);
  if (stat === undefined) return true; // no /proc, or it hides the processes of others
  return stat.started === other.started && !'ZX'.includes(stat.state); // a zombie has ended
}

/** Whether this machine has a process of that number, be it another than was meant. */
export function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'; // a signal that may not be sent has found its process
  }
}

/** When this machine started, ms since 1970, to the second. */
export function machineStart(): number {
  return Date.now() - 1000 * uptime();
}

/** State and start of a process by Linux's /proc/PID/stat, fields 3 and 22; the second, a name, may hold anything. */
function statOf(pid: number): { state: string; started: string } | undefined {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
