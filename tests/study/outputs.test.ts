import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { writeTableTexts } from '../../lib/report/write-table-texts';
import { checkOutputs, outputsOf } from '../../lib/study/outputs';
import { parseProfile } from '../../lib/study/profile-schema';
import { PROFILE_NAMES, readProfile } from '../../lib/study/profiles';
import { openStudy } from '../../lib/study/study';
import { smallCheckout } from './small-checkout';

const published = resolve(__dirname, '../../paper-tables/published');
const checkout = () => mkdtempSync(join(tmpdir(), 'outputs-'));
const mine = { ...readProfile('ptbxl'), name: 'mine' };

/** Puts a file into a folder that is made. */
function put(folder: string, file: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
}

const provenance = (of: string) => JSON.stringify({ profile: of });

it('a profile may write where nothing is, where its own tables are, and beside its settings', () => {
  const outputs = outputsOf(checkout(), mine);
  checkOutputs(outputs, mine.name);
  put(outputs.tables, 'profile.json', JSON.stringify(mine));
  put(outputs.tables, '.DS_Store', '');
  put(outputs.tables, 'table-1.csv.77.part', 'half'); // of a killed process
  checkOutputs(outputs, mine.name);
  writeTableTexts(outputs.tables, { 'table-3.csv': 'x', 'table-3.provenance.json': provenance('mine') });
  put(outputs.figures, 'table-3.svg', '<svg/>');
  checkOutputs(outputs, mine.name);
});

it('a profile is refused where another profile, or none, has written', () => {
  const others = outputsOf(checkout(), mine);
  writeTableTexts(others.tables, { 'table-3.provenance.json': provenance('yours') });
  expect(() => checkOutputs(others, mine.name)).toThrow(
    /mine: tables of the profile: expected none yet, or those of mine: .*another name.*, got table-3\.provenance\.json/,
  );
  for (const folder of ['tables', 'figures'] as const) {
    const foreign = outputsOf(checkout(), mine);
    put(foreign[folder], 'table-1.csv', 'mine');
    put(foreign[folder], 'table-1.provenance.json', 'mine');
    expect(() => checkOutputs(foreign, mine.name)).toThrow(ArgumentError);
    expect(() => checkOutputs(foreign, mine.name)).toThrow(/got table-1\.csv/);
  }
  for (const name of PROFILE_NAMES) checkOutputs(outputsOf(resolve(__dirname, '../..'), { name }), name);
});

it('a study says so before anything is computed', async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1 });
  const study = await openStudy({ profile: join(folder, 'small.json'), folder });
  expect(study.plan({ tables: [1] }).length).toBeGreaterThan(0);
  put(join(folder, 'paper-tables/small'), 'table-1.csv', 'mine');
  expect(() => study.plan({ tables: [1] })).toThrow(/tables of the profile/);
  study.close();
});

it('the paper’s own tables are nobody’s to write, by name or by a link', () => {
  expect(() => parseProfile({ ...mine, name: 'published' })).toThrow(/expected another name: the paper's own tables/);
  for (const name of ['..', '../published', 'a/b', 'a\\b', '']) {
    expect(() => parseProfile({ ...mine, name })).toThrow(/lower-case letters, digits and hyphens/);
  }
  const link = join(checkout(), 'mine');
  symlinkSync(published, link);
  const before = readFileSync(join(published, 'table-1.csv'), 'utf8');
  for (const folder of [published, link]) {
    expect(() => writeTableTexts(folder, { 'table-1.csv': 'ours' })).toThrow(
      /another folder than that of the paper's own/,
    );
  }
  expect(readFileSync(join(published, 'table-1.csv'), 'utf8')).toBe(before);
});
