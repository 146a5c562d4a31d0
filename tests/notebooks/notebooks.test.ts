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
import { readCsv } from '../../lib/io/csv';
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
    const ids = notebook.cells.map(({ id }) => id);
    expect(new Set(ids.filter((id) => /^[\w-]{1,64}$/.test(id ?? ''))).size).toBe(ids.length); // as nbformat 4.5 asks
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

  /** Figures of a table as they are shown: of each row its name, without the shape of the model, and its cells. */
  const shownRows = (html: string) =>
    [...html.matchAll(/<tr>(.*?)<\/tr>/g)].flatMap(([, row]) => {
      const values = [...row.matchAll(/<td>(?:<b>)?([−\d.]+)/g)].map(([, value]) => Number(value.replace('−', '-')));
      return values.length === 0 ? [] : [{ row: row.replaceAll('&nbsp;', ' '), values }];
    });
  const csvRows = (file: string) => {
    const [header, ...rows] = readFileSync(join(checkout, 'paper-tables/tiny', file), 'utf8')
      .trim()
      .split('\n');
    const scores = header.split(',').findIndex((name) => /^(auroc_mi|approximation)$/.test(name));
    const split = rows.map((row) => row.split(','));
    return split.map((row) => ({ keys: row.slice(0, scores), values: row.slice(scores).map(Number) }));
  };
  // In this order each finds what those before it have computed, as a reader who goes through them does.
  const makers = [
    { name: '05-linear-probing', table: 'table-1', models: 4 + 1, digits: 3 }, // the random encoder in two shapes
    { name: '06-risk-decomposition', table: 'table-2', models: 3 * (4 + 1), digits: 4 }, // by task and on average
    { name: '07-fine-tuning', table: 'table-3', models: 5 + 1, digits: 3 }, // the ViT from scratch in two shapes
    { name: '08-low-incidence', table: 'table-4', models: 4 * 3, digits: 3 },
    { name: '09-data-usage', table: 'table-5', models: 4 * 3, digits: 3 },
  ];

  it.each(makers)('$name makes $table out of ECGs', { timeout: 15 * MINUTES }, ({ name, table, models, digits }) => {
    const notebook = run(`${name}.ipynb`, 'first');
    const outputs = codeOf(notebook).map((cell) => cell.outputs ?? []);
    const data = outputs.flat().flatMap((output) => (output.output_type === 'display_data' ? [output.data] : []));
    const written = csvRows(`${table}.csv`);
    expect(written).toHaveLength(models);
    const html = data.map((bundle) => joined((bundle['text/html'] ?? '') as string[]));
    const shown = shownRows(html.find((text) => /<th[^>]*>(Criteria|Total risk)<\/th>/.test(text))!);
    const found = shown.map(({ row, values }) =>
      written.findIndex(({ keys, values: own }) => {
        const named = table === 'table-2' || row.includes(keys[0]); // there a model's name stands in its first row only
        return named && own.every((value, c) => Math.abs(value - values[c]) < 0.6 * 10 ** -digits); // a drop may follow
      }),
    );
    expect([...found].sort((a, b) => a - b)).toEqual(written.map((_, i) => i));
    const figure = readFileSync(join(checkout, `figures/tiny/${table}.svg`), 'utf8');
    const picture = Buffer.from(renderPng(figure, { scale: 1, colours: 'palette' })).toString('base64');
    expect(data.some((bundle) => bundle['image/png'] === picture)).toBe(true);
    expect(html.filter((text) => text.includes('these numbers mean nothing')).length).toBeGreaterThan(1);
    expect(JSON.stringify(outputs.at(-1))).toContain(`paper-tables/tiny/${table}-cells.csv`);
    const claims = readFileSync(join(checkout, 'paper-tables/tiny/claims.csv'), 'utf8');
    const judged = html.find((text) => text.includes('The paper says</th>'))!;
    expect(judged.match(/<td>[✓✗?]&nbsp;\w+<\/td><\/tr>/g)).toHaveLength(
      claims.match(new RegExp(`^${table}-`, 'gm'))!.length,
    );
  });

  it('01-data makes Tables 6 and 7 and Figure 1 out of six formats', { timeout: 15 * MINUTES }, () => {
    const outputs = codeOf(run('01-data.ipynb', 'first')).map((cell) => cell.outputs ?? []);
    const data = outputs.flat().flatMap((output) => (output.output_type === 'display_data' ? [output.data] : []));
    const html = data.map((bundle) => joined((bundle['text/html'] ?? '') as string[]));
    const table6 = readCsv(join(checkout, 'paper-tables/tiny/table-6.csv'));
    expect(table6.map(({ dataset, source }) => `${dataset} ${source}`)).toEqual(
      ['MIMIC', 'CODE15', 'BIOBANK', 'SAMI', 'IKEM', 'PTB-XL'].map((dataset) => `${dataset} simulated`),
    );
    for (const { samples, kept, rejected } of table6) expect(Number(kept) + Number(rejected)).toBe(Number(samples));
    // every broken record is found, for its own reason, and no other
    const faults = html.find((text) => text.includes('<th>rejected, but not broken</th>'))!;
    const cells = [...faults.matchAll(/<td>(\d+) of (\d+)<\/td>/g)];
    expect(cells.length).toBeGreaterThan(2 * table6.length);
    for (const [, found, planted] of cells) expect(found).toBe(planted);
    expect(faults.match(/<td>0<\/td><\/tr>/g)).toHaveLength(faults.match(/<tr>/g)!.length - 1);
    const table7 = readCsv(join(checkout, 'paper-tables/tiny/table-7.csv'));
    for (const { label, records } of table7)
      expect(html.some((text) => text.includes(`>${label}</th>`) && text.includes(records))).toBe(true);
    const pictures = data.filter((bundle) => 'image/png' in bundle);
    expect(pictures).toHaveLength(2 + 1 + 1 + 1); // before and after, step by step, faults, Figure 1
    const figure = readFileSync(join(checkout, 'figures/tiny/figure-1.svg'), 'utf8');
    const picture = Buffer.from(renderPng(figure, { scale: 1, colours: 'palette' })).toString('base64');
    expect(pictures.at(-1)!['image/png']).toBe(picture);
  });

  it.each(names)('%s, run again, makes no difference', { timeout: 15 * MINUTES }, (name) => {
    if (!existsSync(join(checkout, 'first', name))) run(name, 'first'); // everything was computed above
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
