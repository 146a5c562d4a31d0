import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { peerPython } from '../peer-python';

const root = resolve(__dirname, '../..');
const python = peerPython('jupyterlab');
const noPython = python ? '' : ' (skipped: no Python with jupyterlab)';

it.skipIf(!python)(`JupyterLab has the TypeScript kernel and no other, and ends on SIGTERM${noPython}`, async () => {
  const script = `import(${JSON.stringify(join(root, 'lib/setup/lab.mjs'))}).then(async (lab) => {
    process.exitCode = await lab.default(${JSON.stringify(root)}, ['--no-browser', '--port=0', '--IdentityProvider.token=test']);
  });`;
  const env = { ...process.env, HYBRID_ECG_PYTHON: python };
  const lab = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const ended = new Promise<number | null>((done) => lab.on('close', done));
  try {
    const url = await new Promise<string>((found, failed) => {
      lab.stderr.on('data', (data) => {
        log += data;
        const [, address] = /(http:\/\/127\.0\.0\.1:\d+\/)lab\/tree\/notebooks\/00-start-here\.ipynb/.exec(log) ?? [];
        if (address !== undefined) found(address);
      });
      void ended.then(() => failed(new Error(`JupyterLab ended: ${log}`)));
    });
    const get = async <T>(path: string) => (await (await fetch(`${url}api/${path}`)).json()) as T;
    const specs = await get<{ default: string; kernelspecs: object }>('kernelspecs?token=test');
    expect(specs.default).toBe('tslab');
    expect(Object.keys(specs.kernelspecs)).toEqual(['tslab']);
    const notebook = await get<{ type: string }>('contents/notebooks/05-linear-probing.ipynb?token=test&content=0');
    expect(notebook.type).toBe('notebook');
  } finally {
    lab.kill('SIGTERM');
  }
  expect(await ended, log).toBe(0);
});
