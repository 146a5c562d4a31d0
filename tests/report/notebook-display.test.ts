import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { parseXml } from '../../lib/io/xml';
import { ecgFigure } from '../../lib/report/ecg-figure';
import { vegaLiteFigure } from '../../lib/report/figure';
import { escapeHtml } from '../../lib/report/html';
import { inNotebook, showBundle } from '../../lib/report/notebook';
import type { Provenance } from '../../lib/report/provenance';
import { readPublishedTables } from '../../lib/report/published-tables';
import { renderPng, renderSvg } from '../../lib/report/render';
import { claimsHtml, showClaims } from '../../lib/report/show-claims';
import { dataFrameHtml, showDataFrame } from '../../lib/report/show-data-frame';
import { showFigure } from '../../lib/report/show-figure';
import { progressLine, showProgress } from '../../lib/report/show-progress';
import { showTable1 } from '../../lib/report/show-table-1';
import { table1Html, table1Text } from '../../lib/report/table-1-html';
import { table1Report } from '../../lib/report/table-1-report';
import { simulatedModels } from './simulated-models';

const published = readPublishedTables(resolve(__dirname, '../../paper-tables/published'));
const { cells, claims } = table1Report(simulatedModels({ records: 300 }), { published, resamples: 50 });
const provenance: Provenance = {
  profile: 'tiny',
  data: 'synthetic cohort, 300 ECGs',
  synthetic: true,
  seeds: [0, 1],
  engine: 'wasm 4.22.0',
  durationS: 12,
};

interface Shown {
  data: Record<string, unknown>;
  transient: { display_id?: string };
  update: boolean;
}

/** Puts in place what a running tslab kernel has loaded, so that the library thinks it is in a cell. */
function fakeKernel(): Shown[] {
  const shown: Shown[] = [];
  const lastWriteDisplayData = (output: Omit<Shown, 'update'>, update: boolean) => shown.push({ ...output, update });
  const path = near.resolve('tslab/dist/jupyter.js');
  near.cache[path] = { exports: { lastWriteDisplayData } } as unknown as NodeModule;
  return shown;
}

const near = createRequire(__filename);
const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
beforeEach(() => {
  log.mockClear();
  stderr.mockClear();
});
afterEach(() => {
  delete near.cache[near.resolve('tslab/dist/jupyter.js')];
});

test('outside a notebook everything prints text and nothing crashes', async () => {
  expect(inNotebook()).toBe(false);
  expect(showBundle({ 'text/html': '<b>x</b>', 'text/plain': 'x' })).toBe(false);
  await showFigure(ecgFigure(new Float32Array(12 * 2500), { title: 'flat' }));
  showTable1(cells, { probe: 'tuned', provenance });
  showClaims(claims, { provenance });
  expect(log.mock.calls.map(([text]) => String(text).split('\n')[0].slice(0, 30))).toEqual([
    'x',
    '12-lead ECG, 25 mm/s, 10 mm/mV',
    'ours | paper           AUROC M',
    "on the paper's figures | on ou",
  ]);
  expect(log.mock.calls[2][0]).toContain('Synthetic ECGs: mechanics only');
});

test('in a notebook a figure is Vega-Lite or Vega, SVG and text at once, with no HTML that would hide it', async () => {
  const shown = fakeKernel();
  expect(inNotebook()).toBe(true);
  await showFigure(ecgFigure(new Float32Array(12 * 2500)));
  expect(Object.keys(shown[0].data)).toEqual(['application/vnd.vega.v5+json', 'image/svg+xml', 'text/plain']);
  expect(typeof shown[0].data['application/vnd.vega.v5+json']).toBe('object');
  expect(log).not.toHaveBeenCalled();
});

test("the HTML table marks the best of each column and gives interval and the paper's value", () => {
  const html = table1Html(cells, { probe: 'tuned', provenance });
  const best = [...html.matchAll(/<b>(\d\.\d+)<\/b>/g)].map(([, value]) => value);
  const tuned = cells.filter((cell) => cell.probe === 'tuned');
  const columns = [...new Set(tuned.map((cell) => cell.measure))].filter((measure) => measure !== 'mean_auroc');
  const highest = columns.map((m) => Math.max(...tuned.filter((c) => c.measure === m).map((c) => c.value)).toFixed(3));
  expect(best.sort()).toEqual(highest.sort());
  const criteria = tuned.find((cell) => cell.model === 'Hybrid Learning' && cell.measure === 'criteria')!;
  expect(html).toContain(
    `<small>${criteria.low.toFixed(3)}&#8288;–&#8288;${criteria.high.toFixed(3)}</small><br><small>±${criteria.spread!.toFixed(3)}</small><br><small><i>paper&nbsp;5.205</i>`,
  );
  expect(html).toContain('Synthetic ECGs: mechanics only, these numbers mean nothing.');
  expect(table1Html(cells, { probe: 'tuned', provenance: { ...provenance, synthetic: false } })).not.toContain(
    'Synthetic',
  );
  expect(html.match(/<tr>/g)).toHaveLength(6);
  expect(table1Text(cells, { probe: 'weak', provenance }).split('\n')).toHaveLength(6);
});

test('claims show their sentence, both verdicts and the cells', () => {
  const html = claimsHtml(claims, { provenance });
  expect(html.match(/<tr>/g)).toHaveLength(2 * claims.length + 1);
  expect(html).toContain('✗&nbsp;fails');
  expect(html).toContain('GL over random AUROC CD (-0.0020)');
  for (const { brief, detail } of claims) {
    expect(html).toContain(`<small>paper: ${brief.paper}<br>ours: ${brief.ours}</small>`);
    expect((brief.paper + brief.ours).length).toBeLessThanOrEqual(detail.length);
    expect(brief.paper.match(/\([+-]/g) ?? []).toSatisfy((listed: string[]) => listed.length <= 3 + 3);
  }
});

test('progress is drawn at most five times a second, and the end always', () => {
  const shown = fakeKernel();
  let clock = 0;
  const progress = showProgress({ now: () => clock });
  const state = { task: 'hybrid', total: 1000, unit: 'steps', detail: 'loss 3.2', rate: 100 };
  for (let done = 1; done <= 1000; done++) {
    clock += 10;
    progress.onProgress({ ...state, done, secondsLeft: (1000 - done) / 100 });
  }
  expect(shown.length).toBeLessThanOrEqual(51);
  progress.close();
  progress.close();
  expect(shown.at(-1)!.data['text/plain']).toBe('hybrid: 1,000 steps · loss 3.2');
  expect(shown.map(({ update }) => update)).toEqual(shown.map((_, i) => i > 0));
  expect(new Set(shown.map(({ transient }) => transient.display_id)).size).toBe(1);
  expect(shown.at(-1)!.data['text/html']).toContain('<progress value="1000" max="1000"></progress>');
});

test('outside a notebook progress is a line to stderr now and then', () => {
  let clock = 0;
  const progress = showProgress({ now: () => clock });
  for (let done = 0; done <= 100; done++) {
    progress.onProgress({ task: 'cohort', done, total: 100, unit: 'ECGs', rate: 1, secondsLeft: 100 - done });
    clock += 1000;
  }
  progress.close();
  expect(stderr.mock.calls).toHaveLength(21);
  expect(stderr.mock.calls[0][0]).toBe('cohort: 0 of 100 ECGs · 1.0 ECGs/s · 2 min left\n');
  expect(stderr.mock.calls.at(-1)![0]).toBe('cohort: 100 ECGs\n');
});

test('a progress line tells state, loss, rate and time left', () => {
  const progress = { task: 't', done: 1200, total: 9000, unit: 'steps', detail: 'loss 3.21', secondsLeft: 240 };
  const at = (rate: number) => progressLine({ ...progress, rate });
  expect(at(1.523)).toBe('t: 1,200 of 9,000 steps · loss 3.21 · 1.5 steps/s · 4 min left');
  expect([0.0123, 12.3, 1234.5, 0].map((rate) => at(rate).split(' · ')[2])).toEqual([
    '0.012 steps/s',
    '12 steps/s',
    '1,235 steps/s',
    '4 min left',
  ]);
});

test('time left is told in s, min or h', () => {
  const at = (secondsLeft: number) => progressLine({ task: 't', done: 1, total: 2, unit: 'u', rate: 0, secondsLeft });
  expect([12.2, 600, 7200, Number.POSITIVE_INFINITY].map((s) => at(s).split(' · ')[1])).toEqual([
    '13 s left',
    '10 min left',
    '2.0 h left',
    'unknown time left',
  ]);
});

test('a danfojs frame is shown as HTML, its digits cut and its text escaped', async () => {
  const shown = fakeKernel();
  const frame = await showDataFrame([
    { model: 'a < b', auroc: 0.123456, seeds: 2 },
    { model: 'c', auroc: 1, seeds: 3 },
  ]);
  expect(frame.shape).toEqual([2, 3]);
  const html = String(shown[0].data['text/html']);
  expect(html).toBe(dataFrameHtml(frame, { digits: 4 }));
  expect(html).toContain('<tr><th>0</th><td>a &#60; b</td><td>0.1235</td><td>2</td></tr>');
  expect(shown[0].data['text/plain']).toContain('a < b');
});

test('HTML is escaped', () => {
  expect(escapeHtml('<a href="x">&')).toBe('&#60;a href=&#34;x&#34;&#62;&#38;');
});

/** What XML 1.0 forbids, C1 controls, and marks that reverse text. */
const UNSAFE = '\0\u0001\u0008\u000b\u000c\u001b[2J\u001f\u007f\u009b31m\ud800\ufffe\uffff\u202e\u2066';
const LEFT = /[^\P{Cc}\t\n]|[\p{Cs}\ufffe\uffff\u202a-\u202e\u2066-\u2069]/u;

test.each([
  ['an ECG', (text: string) => ecgFigure(new Float32Array(12 * 2500), { title: text })],
  ['bars', (text: string) => vegaLiteFigure(text, { title: text, mark: 'bar', data: { values: [{ a: 1 }] } })],
  [
    'a legend and axes',
    (text: string) =>
      vegaLiteFigure('x', {
        mark: 'point',
        data: { values: [{ a: text, b: 1 }] },
        encoding: { x: { field: 'b', title: text }, y: { field: 'a' }, color: { field: 'a' } },
      }),
  ],
])('the drawing of %s is well-formed XML and a PNG, whatever a name in it holds', async (_, figure) => {
  const svg = await renderSvg(figure(`II ${UNSAFE} 心 🫀`));
  expect(svg).not.toMatch(LEFT);
  expect(svg).toContain('心 🫀');
  expect(parseXml(Buffer.from(svg)).name).toBe('svg');
  expect(renderPng(svg).length).toBeGreaterThan(100);
});

test('tables, notes and progress show a name without its controls, in HTML and in text', async () => {
  const shown = fakeKernel();
  const controls = UNSAFE.replaceAll(/[\ud800\ufffe\uffff]/gu, '');
  await showDataFrame([{ [`\t${controls}`]: `\t${controls}`, n: 1 }]);
  showProgress({ everyMs: 0 }).onProgress({ task: controls, done: 1, total: 2, unit: 'x', rate: 1, secondsLeft: 1 });
  expect(shown).toHaveLength(2);
  for (const { data } of shown) {
    for (const type of ['text/html', 'text/plain']) expect(data[type]).not.toMatch(LEFT);
    expect(data['text/html']).toContain('\\u001b[2J');
  }
  delete near.cache[near.resolve('tslab/dist/jupyter.js')];
  showBundle({ 'text/plain': controls });
  expect(log.mock.calls.join()).not.toMatch(LEFT);
});

test('rows of other columns than the first are refused, not shown under the wrong ones', async () => {
  await expect(showDataFrame([{ a: 1 }, { b: 2 }])).rejects.toThrow(/^row 1: columns: expected a, got b/);
  await expect(showDataFrame([{ a: 1, b: 2 }, { a: 1 }])).rejects.toThrow(ArgumentError);
});
