import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { ArgumentError } from '../../lib/errors';
import { writeTableTexts } from '../../lib/report/write-table-texts';
import { hashOf } from '../../lib/study/canonical-json';
import { checkOutputs, outputsOf } from '../../lib/study/outputs';
import { parseProfile } from '../../lib/study/profile-schema';
import { PROFILE_NAMES, readProfile } from '../../lib/study/profiles';
import { profileOfReadout } from '../../lib/study/readout-jobs';
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

it('a profile may write where nothing is, where its own tables are, and beside its settings', () => {
  const outputs = outputsOf(checkout(), mine);
  checkOutputs(outputs, mine);
  put(outputs.tables, 'profile.json', JSON.stringify(mine));
  put(outputs.tables, '.DS_Store', '');
  put(outputs.tables, 'table-1.csv.77.part', 'half'); // of a killed process
  checkOutputs(outputs, mine);
  writeTableTexts(outputs.tables, { 'table-3.csv': 'x', 'table-3.provenance.json': `{"settings":"${hashOf(mine)}"}` });
  const other = hashOf(profileOfReadout(mine, 'mean'));
  expect(other).not.toBe(hashOf(mine));
  writeTableTexts(outputs.tables, { 'table-1-mean.provenance.json': `{"settings":"${other}"}` });
  put(outputs.figures, 'table-3.svg', '<svg/>');
  checkOutputs(outputs, mine);
});

it('a profile is refused where tables of other settings are, or what no profile has written', () => {
  const outputs = outputsOf(checkout(), mine);
  writeTableTexts(outputs.tables, { 'table-3.provenance.json': `{"settings":"${hashOf(mine)}"}` });
  const changed = { ...mine, seeds: [7] };
  expect(() => checkOutputs(outputs, changed)).toThrow(
    /mine: tables of the profile: expected none yet, .*another name.*, got other settings in table-3\.provenance\.json/,
  );
  for (const folder of ['tables', 'figures'] as const) {
    const foreign = outputsOf(checkout(), mine);
    put(foreign[folder], 'table-1.csv', 'mine');
    expect(() => checkOutputs(foreign, mine)).toThrow(ArgumentError);
    expect(() => checkOutputs(foreign, mine)).toThrow(/got table-1\.csv/);
  }
  for (const name of PROFILE_NAMES) checkOutputs(outputsOf(resolve(__dirname, '../..'), { name }), readProfile(name));
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
