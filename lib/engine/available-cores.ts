import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Cores that this process may use, at least 1: those that it may run on, and in a container no more than the quota of
 * processor time that it has. Node 20 does not look at the quota; more threads than it allows wait for each other.
 *
 * @param options.cgroup where Linux shows the control group
 */
export function availableCores({ cgroup = '/sys/fs/cgroup' }: { cgroup?: string } = {}): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpuQuota(cgroup))));
}

/** Cores' worth of processor time; infinite where there is no limit. */
function cpuQuota(cgroup: string): number {
  const numbers = (...files: string[]) => files.flatMap((file) => textOf(join(cgroup, file)).split(' ')).map(Number);
  const both = [numbers('cpu.max'), numbers('cpu/cpu.cfs_quota_us', 'cpu/cpu.cfs_period_us')]; // version 2, version 1
  const found = both.find(([quota, period]) => quota > 0 && period > 0); // without a limit: `max`, and -1
  return found === undefined ? Infinity : found[0] / found[1];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // the other version, or another system
  }
}
