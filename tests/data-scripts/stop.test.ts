import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';

const program = resolve(__dirname, '../../data-scripts/dist/data.js');

it.skipIf(!existsSync(program))(
  'npm run data, stopped by a Ctrl-C that arrives three times, cleans up and says how to go on (skipped when it is not built)',
  async () => {
    const silent = createServer().listen(0, '127.0.0.1'); // a proxy that never answers: the download waits
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'stopped-'));
    const env = { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' };
    const child = spawn(process.execPath, [program, 'download', 'ptb-xl', '--to', folder], { env });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const ended = once(child, 'close');
    await once(silent, 'connection');
    for (let i = 0; i < 3; i++) {
      child.kill('SIGINT');
      await setTimeout(5);
    }
    const [code, signal] = await ended;
    expect(code ?? signal).toBeOneOf([130, 'SIGINT']); // one that comes after all is done ends what is left of the process
    silent.close();
    expect(stderr).toContain('stopped; run the same command again');
    const left = readdirSync(folder, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.lock'))).toEqual([]);
  },
);
