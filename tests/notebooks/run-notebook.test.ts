import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell, Notebook } from '../../lib/commands/notebook-file';
import { joined, normalise } from '../../lib/commands/notebook-file';

const dist = resolve(__dirname, '../../lib/dist/commands/run-notebook.js');
const noBuild = existsSync(dist) ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';
const folder = mkdtempSync(join(tmpdir(), 'run-notebook-'));
afterAll(() => rmSync(folder, { recursive: true }));

const code = (source: string, outputs: Cell['outputs'] = []): Cell => ({
  cell_type: 'code',
  id: String(source.length),
  metadata: {},
  source,
  outputs,
});
const notebook = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });

// The process that runs a notebook is compiled JavaScript.
describe.skipIf(noBuild !== '')(`runNotebook${noBuild}`, () => {
  const { runNotebook } = noBuild === '' ? require(dist) : { runNotebook: undefined };
  const run = async (sources: string[], options = {}): Promise<Notebook> => {
    const path = join(folder, 'notebook.ipynb');
    writeFileSync(path, JSON.stringify(notebook(...sources.map((source) => code(source)))));
    return runNotebook(path, options);
  };
  const outputs = async (...sources: string[]) => normalise(await run(sources)).cells.map((cell) => cell.outputs);

  it('keeps what cells print and show, updates in place', async () => {
    const display = `import * as tslab from 'tslab';
      const shown = tslab.newDisplay(); shown.html('<b>1</b>'); shown.html('<b>2</b>');`;
    expect(await outputs('const a = 20;\nconsole.log(a, { a });', display, 'a + 1')).toEqual([
      [{ output_type: 'stream', name: 'stdout', text: ['20 { a: 20 }\n'] }],
      [{ output_type: 'display_data', data: { 'text/html': ['<b>2</b>'] }, metadata: {} }],
      [{ output_type: 'stream', name: 'stdout', text: ['21\n'] }],
    ]);
  });

  it('loses nothing of a flood of lines', async () => {
    const [[stream] = []] = await outputs('for (let i = 0; i < 20000; i++) console.log(i);');
    expect(stream).toMatchObject({ output_type: 'stream', name: 'stdout' });
    expect((stream as { text: unknown }).text).toHaveLength(20_000);
  });

  it.each([
    ['a type error', ["const n: number = 'one';"], /cell 1: .* TypeScript: 1:7 - Type 'string' is not assignable/],
    ['a thrown error', ['const n = 1;', 'null.x;'], /cell 2: .* (TypeError|TypeScript)/],
    ['an error in an async call', ['await Promise.reject(new RangeError("out"));'], /cell 1: .* RangeError: out/],
    ['an error that nobody awaits', ['Promise.reject(new Error("lost")); await new Promise(() => {});'], /Error: lost/],
    ['a process that ends', ['process.exit(3);'], /its process ended with exit code 3/],
  ])('says which cell failed and why: %s', async (_, sources, message) => {
    await expect(run(sources)).rejects.toThrow(message);
  });

  it.each([['await new Promise(() => {});'], ['while (true) {}']])(
    'ends a cell that takes too long: %s',
    async (source) => {
      await expect(run([source], { cellTimeoutS: 3 })).rejects.toThrow(
        /cell 1: expected it to run, got no end after 3 s/,
      );
    },
  );

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 3000);
    await expect(run(['await new Promise(() => {});'], { signal: stop.signal })).rejects.toThrow(/got aborted/);
  });
});

describe('normalise', () => {
  it('leaves out what differs from run to run, and keeps a chart as one PNG', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>';
    const vega = { 'application/vnd.vegalite.v5+json': { mark: 'bar' } };
    const chart = { ...vega, 'image/svg+xml': svg, 'text/plain': 'a chart' };
    const { cells } = normalise(
      notebook(
        code('long();', [
          { output_type: 'display_data', data: { 'text/html': '<progress/>' }, metadata: { volatile: true } },
          { output_type: 'stream', name: 'stderr', text: '12 s left' },
          { output_type: 'stream', name: 'stdout', text: 'a\n' },
          { output_type: 'stream', name: 'stdout', text: 'b\n' },
          { output_type: 'display_data', data: chart, metadata: {} },
        ]),
      ),
    );
    expect(cells[0].execution_count).toBe(1);
    expect(cells[0].outputs).toEqual([
      { output_type: 'stream', name: 'stdout', text: ['a\n', 'b\n'] },
      {
        output_type: 'display_data',
        data: { 'image/png': expect.stringMatching(/^iVBO/), 'text/plain': ['a chart'] },
        metadata: {},
      },
    ]);
  });

  it('is the same when it is done twice', () => {
    const once = normalise(notebook(code('1', [{ output_type: 'stream', name: 'stdout', text: 'x\ny' }])));
    expect(normalise(once)).toEqual(once);
    expect(joined(once.cells[0].source)).toBe('1');
  });
});
