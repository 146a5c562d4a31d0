import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Cell,
  joined,
  type Notebook,
  normalise,
  readNotebook,
  writeNotebook,
} from '../../lib/commands/notebook-file';
import { renderPng } from '../../lib/report/render';
import { peerPython } from '../peer-python';

const root = resolve(__dirname, '../..');
const names = readdirSync(join(root, 'notebooks')).filter((name) => name.endsWith('.ipynb'));
const codeOf = (notebook: Notebook) => notebook.cells.filter((cell) => cell.cell_type === 'code');
const textOf = (cells: readonly Cell[]) => cells.map((cell) => joined(cell.source));

describe.each(names)('%s', (name) => {
  const path = join(root, 'notebooks', name);
  const code = textOf(codeOf(readNotebook(path)));

  it('has at most 12 code cells of at most 10 lines, no function definitions, and imports only hybrid-ecg', () => {
    expect(code.length).toBeLessThanOrEqual(12);
    for (const source of code) {
      expect(source.split('\n').length).toBeLessThanOrEqual(10);
      expect(source).not.toMatch(/\bfunction\b|^(const|let) \w+ = (async )?\([^)]*\) =>/m);
      for (const [, module] of source.matchAll(/from '([^']+)'|require\('([^']+)'\)/g))
        expect(module).toBe('hybrid-ecg');
    }
  });

  it('has its profile in one constant at the top, which an environment variable overrides', () => {
    expect(code[0]).toMatch(/^const PROFILE = process\.env\.HYBRID_ECG_PROFILE \?\? '[\w-]+';$/m);
    expect(code.slice(1).join('\n')).not.toMatch(/HYBRID_ECG_PROFILE/);
  });

  it('is committed as the kit writes it, without errors', () => {
    const notebook = readNotebook(path);
    const written = join(root, '.kit', 'notebook-as-written', name);
    writeNotebook(written, notebook);
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(written, 'utf8'));
    const outputs = codeOf(notebook).flatMap((cell) => cell.outputs ?? []);
    expect(outputs.filter((output) => output.output_type === 'error')).toEqual([]);
  });
});

// The notebooks run on the compiled package, as users run them, in a small checkout of their own: nothing is computed
// already, and what they write is not committed.
const built = existsSync(join(root, 'lib/dist/commands/run-notebook.js'));
const noBuild = built ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';
const checkout = join(root, '.kit/notebook-test');
const python = peerPython('nbclient', 'jupyterlab');
const node24 = process.env.HYBRID_ECG_NODE_24;
const MINUTES = 60_000;

describe.skipIf(!built)(`the notebooks on the profile tiny${noBuild}`, () => {
  beforeAll(() => {
    rmSync(checkout, { recursive: true, force: true });
    mkdirSync(join(checkout, 'paper-tables'), { recursive: true });
    cpSync(join(root, 'package.json'), join(checkout, 'package.json'));
    cpSync(join(root, 'notebooks'), join(checkout, 'notebooks'), { recursive: true });
    cpSync(join(root, 'paper-tables/published'), join(checkout, 'paper-tables/published'), { recursive: true });
  });

  /** Runs a notebook in a process of its own on the given Node; gives the text that would be committed. */
  const run = (name: string, out: string, node = process.execPath): Notebook => {
    const script = `
      const { runNotebook } = require('${root}/lib/dist/commands/run-notebook.js');
      const { writeNotebook } = require('${root}/lib/dist/commands/notebook-file.js');
      runNotebook('${checkout}/notebooks/${name}', { env: { HYBRID_ECG_PROFILE: 'tiny' }, cellTimeoutS: 900 }).then(
        (notebook) => writeNotebook('${checkout}/${out}/${name}', notebook),
        (error) => { console.error(error.message); process.exitCode = 1; });`;
    const { status, stderr } = spawnSync(node, ['-e', script], { encoding: 'utf8', cwd: root });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return readNotebook(join(checkout, out, name));
  };
  const text = (out: string, name: string) => readFileSync(join(checkout, out, name), 'utf8');

  it('05-linear-probing makes Table 1 out of nothing', { timeout: 15 * MINUTES }, () => {
    const notebook = run('05-linear-probing.ipynb', 'first');
    const outputs = codeOf(notebook).map((cell) => JSON.stringify(cell.outputs));
    const table = readFileSync(join(checkout, 'paper-tables/tiny/table-1.csv'), 'utf8').trim().split('\n');
    expect(table[0]).toMatch(/^model,patch_size,block_depth,embedding_size,auroc_mi,/);
    const shown = outputs.find((text) => text.includes('<table>') && text.includes('tuned probe'))!;
    const rows = [...shown.matchAll(/<tr><th[^>]*>([^<]+)<br>.*?<td>(?:<b>)?([\d.]+)/g)];
    expect(rows.map(([, model]) => model)).toEqual(table.slice(1).map((row) => row.split(',')[0]));
    rows.forEach(([, , aurocMi], i) => {
      expect(Math.abs(Number(aurocMi) - Number(table[i + 1].split(',')[4]))).toBeLessThan(6e-4); // three decimals
    });
    expect(shown).toContain('these numbers mean nothing');
    const figure = readFileSync(join(checkout, 'figures/tiny/table-1.svg'), 'utf8');
    const picture = Buffer.from(renderPng(figure, { scale: 1, colours: 'palette' })).toString('base64');
    expect(outputs.some((text) => text.includes(picture))).toBe(true);
    expect(outputs.at(-1)).toContain('paper-tables/tiny/table-1.csv');
  });

  it.each(names)('%s, run again, makes no difference', { timeout: 15 * MINUTES }, (name) => {
    if (!existsSync(join(checkout, 'first', name))) run(name, 'first'); // Table 1's first run computed everything
    run(name, 'second');
    expect(text('second', name)).not.toContain('$dataIncolumnFormat'); // a frame printed as the last value of a cell
    expect(text('second', name)).toBe(text('first', name));
  });

  const noPython = python ? '' : ' (skipped: no Python with nbclient and jupyterlab)';
  it.skipIf(!python)(
    `05-linear-probing says the same through Jupyter and tslab's own kernel${noPython}`,
    { timeout: 15 * MINUTES },
    () => {
      const path = `${join(root, 'jupyter')}`;
      const out = join(checkout, 'kernel.ipynb');
      const notebook = join(checkout, 'notebooks/05-linear-probing.ipynb');
      const { status, stderr } = spawnSync(
        python!,
        [join(__dirname, 'run_with_kernel.py'), notebook, out, join(checkout, 'notebooks')],
        { encoding: 'utf8', env: { ...process.env, JUPYTER_PATH: path, HYBRID_ECG_PROFILE: 'tiny' } },
      );
      expect(status, stderr).toBe(0);
      expect(normalise(readNotebook(out))).toEqual(
        normalise(readNotebook(join(checkout, 'first/05-linear-probing.ipynb'))),
      );
    },
  );

  const noNode24 = node24 ? '' : ' (skipped: HYBRID_ECG_NODE_24 names no Node 24; .ci/run sets it)';
  it.skipIf(!node24)(`05-linear-probing says the same on Node 24${noNode24}`, { timeout: 15 * MINUTES }, () => {
    run('05-linear-probing.ipynb', 'node-24', node24);
    expect(text('node-24', '05-linear-probing.ipynb')).toBe(text('first', '05-linear-probing.ipynb'));
  });
});
