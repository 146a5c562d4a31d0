import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { availableCores } from '../../lib/engine/available-cores';

const scratch = mkdtempSync(join(tmpdir(), 'cores-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const all = availableParallelism();
const v1 = (quota: number) => ({ 'cpu/cpu.cfs_quota_us': `${quota}\n`, 'cpu/cpu.cfs_period_us': '100000\n' });

it.each([
  ['no control group', {}, all],
  ['no limit', { 'cpu.max': 'max 100000\n' }, all],
  ['a quota of one core', { 'cpu.max': '100000 100000\n' }, 1],
  ['a quota of less than a core', { 'cpu.max': '50000 100000\n' }, 1],
  ['a quota of one core and a half', { 'cpu.max': '75000 50000\n' }, 1],
  ['a quota beyond the cores', { 'cpu.max': '99900000 100000\n' }, all],
  ['no limit, version 1', v1(-1), all],
  ['a quota of one core, version 1', v1(100_000), 1],
])('the cores of a process with %s', (name, files, cores) => {
  const cgroup = join(scratch, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cgroup, file)), { recursive: true });
    writeFileSync(join(cgroup, file), text);
  }
  expect(availableCores({ cgroup })).toBe(cores);
});
