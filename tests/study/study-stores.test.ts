import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MissingFileError } from '../../lib/errors';
import { openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { selectCohort } from '../../lib/study/cohort';
import { describeSplits } from '../../lib/study/describe-splits';
import { plantedFaults } from '../../lib/study/planted-faults';
import { pretrainingEcgs, pretrainingSource, type StudyStores } from '../../lib/study/pretraining-source';
import { type Profile, parseProfile } from '../../lib/study/profile-schema';
import { readProfile } from '../../lib/study/profiles';
import { openStudyStores } from '../../lib/study/study-stores';
import { exampleDataset } from '../store/example-dataset';

const dataFolder = mkdtempSync(join(tmpdir(), 'study-stores-'));
afterAll(() => rmSync(dataFolder, { recursive: true }));
const example = (name: string, records: number) =>
  writeStore(join(dataFolder, 'standardised', name), { ...exampleDataset(records), name });

/** A profile whose data are others. */
function changed(name: string, pretrain: object): Profile {
  const profile = readProfile(name);
  return parseProfile({ ...profile, data: { ...profile.data, pretrain } });
}

const tiny = readProfile('tiny');

describe('the stores of a synthetic profile', () => {
  let stores: StudyStores;
  const tasks: string[] = [];
  beforeAll(async () => {
    await example('synthetic', 60); // in place of the largest part, whose making has a test of its own
    const onProgress = ({ task, done, total }: { task: string; done: number; total: number }) => {
      if (done === total) tasks.push(task);
    };
    stores = await openStudyStores(dataFolder, tiny, { onProgress });
  });
  afterAll(() => {
    for (const store of [stores.store, ...stores.others.values()]) store.close();
  });

  it('are made where they are not there, each with its progress, and not twice', async () => {
    expect(tasks).toEqual(
      ['MIMIC-IV-ECG', 'CODE-15 %', 'UK Biobank', 'SaMi-Trop', 'IKEM'].flatMap((publisher, i) => [
        `synthetic cohort, ${publisher}’s format`,
        `standardise synthetic-${['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem'][i]}`,
      ]),
    );
    expect([...stores.others.values()].map(({ length }) => length)).toEqual([40, 40, 40, 40, 40]);
    expect(existsSync(join(dataFolder, 'raw/synthetic-ikem/exams.csv'))).toBe(true);
    const again = await openStudyStores(dataFolder, tiny, { onProgress: () => expect.unreachable() });
    expect(again.store.manifest.hash).toBe(stores.store.manifest.hash);
    for (const store of [again.store, ...again.others.values()]) store.close();
  });

  it('hold every broken record as rejected, and no other', () => {
    const faults = plantedFaults(dataFolder);
    expect(faults.length).toBeGreaterThan(20);
    for (const { planted, found, wronglyRejected } of faults) expect([found, wronglyRejected]).toEqual([planted, 0]);
  });

  it('are pretrained on together: the profile’s folds, then all of each other dataset', async () => {
    const cohort = selectCohort(stores.store, tiny);
    const own = cohort.pretrain.length;
    const source = pretrainingSource({ ...stores, cohort });
    expect(source.recordIds).toHaveLength(own + 5 * 40);
    expect(pretrainingEcgs({ ...stores, cohort })).toBe(own + 5 * 40);
    expect(source.recordIds[0]).toBe(`synthetic/${stores.store.recordIds[cohort.pretrain[0]]}`);
    const ikem = stores.others.get('synthetic-ikem')!;
    expect(source.recordIds.at(-1)).toBe(`synthetic-ikem/${ikem.recordIds.at(-1)}`);
    expect(source.read([own + 5 * 40 - 1])).toEqual(ikem.read([39]));
    expect(source.stores!.map(({ rows }) => rows.length)).toEqual([own, 40, 40, 40, 40, 40]);

    const others = changed('tiny', { datasets: ['ikem', 'code-15'] });
    const two = await openStudyStores(dataFolder, others);
    const withoutOwn = selectCohort(two.store, others);
    expect(withoutOwn.pretrain).toHaveLength(0);
    const ids = pretrainingSource({ ...two, cohort: withoutOwn }).recordIds;
    expect(ids.map((id) => id.split('/')[0])).toEqual([
      ...Array.from({ length: 40 }, () => 'synthetic-ikem'),
      ...Array.from({ length: 40 }, () => 'synthetic-code-15'),
    ]);
    for (const store of [two.store, ...two.others.values()]) store.close();
  });

  it('are told apart in the description of the splits', () => {
    const rows = describeSplits(stores.store, selectCohort(stores.store, tiny), { profile: tiny, ...stores });
    expect(rows.map(({ split, folds }) => [split, folds])).toEqual([
      ['pretrain', '1 2 3 4 5 6 7 8'],
      ['pretrain', 'synthetic-mimic-iv-ecg'],
      ['pretrain', 'synthetic-code-15'],
      ['pretrain', 'synthetic-uk-biobank'],
      ['pretrain', 'synthetic-sami-trop'],
      ['pretrain', 'synthetic-ikem'],
      ['train', '1 2 3 4 5 6 7 8'],
      ['validation', '9'],
      ['test', '10'],
    ]);
    expect(rows[4]).toEqual({
      ...{ split: 'pretrain', folds: 'synthetic-sami-trop', ecgs: 40, patients: 40 },
      ...{ MI: '–', STTC: '–', CD: '–', HYP: '–' },
    });
    expect(rows[0].MI).toBeGreaterThan(0);
    const only = changed('tiny', { datasets: ['ikem'] });
    const ikem = new Map([['synthetic-ikem', stores.others.get('synthetic-ikem')!]]);
    const cohort = selectCohort(stores.store, only);
    const without = describeSplits(stores.store, cohort, { profile: only, others: ikem });
    expect(without.slice(0, 2).map(({ split, folds }) => `${split} ${folds}`)).toEqual([
      'pretrain synthetic-ikem',
      'train 1 2 3 4 5 6 7 8',
    ]);
  });
});

describe('the stores of a profile on real ECGs', () => {
  const fault = (profile: Profile) =>
    openStudyStores(dataFolder, profile).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );

  it('that are not there are named, with the command that makes them', async () => {
    const all = await fault(readProfile('paper'));
    expect(all).toBeInstanceOf(MissingFileError);
    expect((all as Error).message).toMatch(
      /expected stores; make them with: npm run data -- standardise ptb-xl mimic-iv-ecg code-15 uk-biobank sami-trop ikem, got none$/,
    );
    expect(((await fault(readProfile('ptbxl'))) as Error).message).toMatch(
      /a store; make it with: npm run data -- standardise ptb-xl --from FOLDER, got none$/,
    );
    await example('ptb-xl', 40);
    await example('code-15', 10);
    const rest = (await fault(readProfile('paper'))) as Error;
    expect(rest.message).toMatch(/standardise mimic-iv-ecg uk-biobank sami-trop ikem, got only 2 of 6$/);
  });

  it('may be ECGs of one’s own, to pretrain on, to learn from and to test on', async () => {
    const also = changed('ptbxl', { folds: [1, 2, 3], datasets: ['wfdb-folder'] });
    const only = changed('ptbxl', { folds: [1, 2, 3] });
    const mine = parseProfile({ ...only, name: 'mine', data: { ...only.data, dataset: 'wfdb-folder' } });
    expect(((await fault(mine)) as Error).message).toMatch(/npm run data -- standardise wfdb-folder/);
    await example('wfdb-folder', 50);
    for (const [profile, ecgs, names] of [
      [also, 40, ['wfdb-folder']],
      [mine, 50, []],
    ] as const) {
      const { store, others } = await openStudyStores(dataFolder, profile);
      expect([store.length, [...others.keys()]]).toEqual([ecgs, names]);
      for (const opened of [store, ...others.values()]) opened.close();
    }
  });

  it('are not pretrained on as a whole when they are tested on: among them are the test ECGs', () => {
    const { data, ...own } = changed('ptbxl', { folds: [1, 2, 3] });
    for (const pretrain of [{ datasets: ['wfdb-folder'] }, { folds: [1, 2], datasets: ['ikem', 'wfdb-folder'] }]) {
      const profile = { ...own, data: { ...data, dataset: 'wfdb-folder', pretrain } };
      expect(() => parseProfile(profile)).toThrow(
        /expected other datasets than the profile's own.*pretrain\.datasets/s,
      );
      expect(() => parseProfile({ ...profile, data: { ...data, pretrain } })).not.toThrow();
    }
  });

  it('are opened by their names', async () => {
    const { store, others } = await openStudyStores(dataFolder, changed('ptbxl', { datasets: ['code-15'] }));
    expect([store.length, [...others].map(([name, { length }]) => [name, length])]).toEqual([40, [['code-15', 10]]]);
    for (const one of [store, ...others.values()]) one.close();
    const { others: none } = await openStudyStores(dataFolder, readProfile('ptbxl'));
    expect(none.size).toBe(0);
    (await openStore(join(dataFolder, 'standardised/ptb-xl'))).close();
  });
});
