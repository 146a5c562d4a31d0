import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../lib/io/csv';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = readme.split('## The paper and this kit\n')[1].split('\n## ')[0];
const profile = section.match(/Ours are those of the profile `([\w-]+)`/)?.[1] ?? '';

/** The rows of a table of the section, by its model: the cells beside it. */
function rowsOf(table: string): Map<string, string[]> {
  const [, lines] = section.split(`| ${table}: `);
  const rows = lines.split('\n\n')[0].split('\n').slice(2);
  return new Map(
    rows
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map(([model, ...cells]) => [model, cells]),
  );
}

/** The same from the cells that a run wrote, to one file a readout. */
function writtenRows(files: readonly string[]): Map<string, string[]> {
  const tables = files.map((file) => readCsv(join(root, `paper-tables/${profile}/${file}-cells.csv`)));
  const number = (text: string, digits: number) => Number(text).toFixed(digits);
  const cellsOf = (model: string, metric: string, digits: number) => {
    const cells = tables.map(
      (rows) => rows.find((row) => row.model === model && row.metric === metric && (row.probe ?? 'tuned') === 'tuned')!,
    );
    const ours = cells.map(
      ({ value, low, high }) => `${number(value, digits)} [${number(low, digits)}, ${number(high, digits)}]`,
    );
    return [number(cells[0].paper, digits), ...ours];
  };
  const models = [...new Set(tables[0].map(({ model }) => model))];
  return new Map(
    models.map((model) => [model, [...cellsOf(model, 'mean_auroc', 3), ...cellsOf(model, 'criteria', 2)]]),
  );
}

describe('the tables of the README', () => {
  it.each([
    ['Table 1', ['table-1-mean', 'table-1']],
    ['Table 3', ['table-3']],
  ])('are those that a run wrote: %s', (table, files) => {
    expect(rowsOf(table)).toEqual(writtenRows(files));
  });

  it('stand beside as many claims as were judged, those on Table 1 in two readouts counted once', () => {
    const judged = readCsv(join(root, `paper-tables/${profile}/claims.csv`)).filter(
      ({ table }) => table !== 'table-1-mean',
    );
    const own = judged.filter(({ sentence }) => sentence.startsWith('(ours)')).length;
    const words = `judges ${judged.length - own} sentences of the paper on Tables 1 to 5, and ${own} questions of our own`;
    expect(section).toContain(words);
  });

  it('are those that runs wrote: Criteria of Tables 3, 5 and 4', () => {
    const written = new Map<string, string[]>();
    for (const table of ['table-3', 'table-5', 'table-4']) {
      for (const { model, metric, value, paper } of readCsv(join(root, `paper-tables/${profile}/${table}-cells.csv`))) {
        if (metric !== 'criteria' || model.includes('ResNet')) continue;
        const cell = `${Number(value).toFixed(2)} (${Number(paper).toFixed(2)})`;
        written.set(model, [...(written.get(model) ?? []), cell]);
      }
    }
    expect(rowsOf('Tables 5 and 4')).toEqual(written);
  });
});
