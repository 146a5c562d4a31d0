import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('ends without a stack trace when its reader has had enough', () => {
  const closedPipe = resolve(__dirname, '../../lib/setup/closed-pipe.cjs');
  const lines = "setInterval(() => process.stdout.write('line\\n'.repeat(1000)), 1)";
  const command = `"${process.execPath}" --require "${closedPipe}" -e "${lines}" | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 20_000 });
  expect({ stdout, stderr }).toEqual({ stdout: 'line\n0\n', stderr: '' });
});
