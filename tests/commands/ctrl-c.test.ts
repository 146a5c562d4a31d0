import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { peerPython } from '../peer-python';

const root = resolve(__dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'ctrl-c-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const built = existsSync(join(root, 'lib/dist/commands/run-notebook.js'));
const python = spawnSync('python3', ['-c', 'import pty; open("/proc/self/environ")']).status === 0;
const missing = [built ? '' : 'lib/dist is not built', python ? '' : 'no python3 with pty, or no /proc'].filter(
  Boolean,
);
const skipped = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')})`;

interface Ended {
  code: number | null;
  seconds: number;
  left: string[];
  output: string;
}

/** Types Ctrl-C on the terminal of a command as soon as it prints `when`. */
async function typed(when: string, limitS: number, ...command: string[]): Promise<Ended> {
  const { stdout } = await promisify(execFile)('python3', [
    join(__dirname, 'ctrl_c.py'),
    when,
    String(limitS),
    ...command,
  ]);
  return JSON.parse(stdout);
}

const endsIn = (limitS: number) => ({ left: [], seconds: expect.toSatisfy((seconds: number) => seconds < limitS) });
const kit = (...args: string[]) => ['npm', 'run', '--prefix', root, ...args];
const node = (script: string) => [process.execPath, '-e', script];

/** A program that runs a notebook as `npm run quickstart` does. */
function notebookOf(...sources: string[]): string[] {
  const file = join(mkdtempSync(join(scratch, 'notebook-')), 'notebook.ipynb');
  const cells = sources.map((source, i) => ({ cell_type: 'code', id: `cell-${i}`, metadata: {}, source, outputs: [] }));
  writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const module = (name: string) => `require(${JSON.stringify(join(root, 'lib/dist/commands', name))})`;
  return node(`const stop = ${module('stop-signal.js')}.stopSignal('npm run quickstart');
    ${module('run-notebook.js')}.runNotebook(${JSON.stringify(file)}, {
      signal: stop.signal,
      onCell: (cell) => console.log('cell ' + cell),
      onProgress: (line) => console.log(line),
    }).catch((error) => stop.explains(error) || console.log(error));`);
}

const computing = 'await new Promise((done) => setTimeout(done, 600_000));';

describe.skipIf(skipped !== '')(`Ctrl-C${skipped}`, () => {
  it.each([
    ['before the first cell runs', 'cell 1', [computing]],
    ['while the second cell computes', 'cell 2', ['const a = 1;', `${computing} a;`]],
    ['between cells of no time', 'cell 3', Array.from({ length: 400 }, (_, i) => `const a${i} = ${i};`)],
    ['in a cell that never looks up', 'cell 2', ['const a = 1;', 'while (a) {}']],
  ])('ends a notebook and its command %s', async (_, when, sources) => {
    const { output, ...ended } = await typed(when, 20, ...notebookOf(...sources));
    expect(ended, output).toEqual({ code: 130, ...endsIn(10) });
    expect(output).toContain('stopped; go on from here with: npm run quickstart');
  });

  it.each([
    ['doctor', kit('doctor'), 'kit.mjs doctor\\s'],
    ['bench', kit('bench', '--', 'metrics'), 'kit.mjs bench metrics\\s'],
    ['data', kit('data', '--', 'synthetic', '--ecgs', '100000', '--to', join(scratch, 'synthetic')), 'ECGs/s'],
  ])('ends npm run %s', { timeout: 180_000 }, async (_, command, when) => {
    // before it prints, the command may build the library
    const { output, ...ended } = await typed(when, 20, ...command);
    expect(ended, output).toEqual({ code: expect.toSatisfy((code) => code === -2 || code === 130), ...endsIn(5) });
  });

  it('ends a check of npm test with all that it has started, at once', async () => {
    // as a test does: a child that does not listen to signals, and a grandchild
    const child = `process.on('SIGINT', () => {}); require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 6e5)']);
      console.log('started'); setTimeout(() => {}, 6e5)`;
    const spawn = JSON.stringify(join(root, 'lib/setup/spawn.mjs'));
    const command = node(`import(${spawn}).then(async ({ runGroup }) => {
      await runGroup([process.execPath, '-e', ${JSON.stringify(child)}]);
      console.log('went on');
    });`);
    const { output, ...ended } = await typed('started', 20, ...command);
    expect(ended, output).toEqual({ code: -2, ...endsIn(2) });
    expect(output).not.toContain('went on');
  });

  const lab = peerPython('jupyterlab');
  const noLab = lab ? '' : ' (skipped: no Python with jupyterlab)';
  it.skipIf(!lab)(`ends JupyterLab without a question${noLab}`, async () => {
    process.env.HYBRID_ECG_PYTHON ??= lab;
    const { output, ...ended } = await typed(
      'Jupyter Server .* is running at',
      20,
      ...kit('lab', '--', '--no-browser', '--port=0'),
    );
    expect(ended, output).toEqual({
      code: expect.toSatisfy((code) => code === -2 || code === 130 || code === 0),
      ...endsIn(10),
    });
  });
});
