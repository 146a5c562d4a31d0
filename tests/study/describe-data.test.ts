import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../lib/datasets/dataset';
import { plantedFaultRows } from '../../lib/report/planted-fault-rows';
import { readPublishedTables } from '../../lib/report/published-tables';
import { openStore } from '../../lib/store/open-store';
import { writeStore } from '../../lib/store/write-store';
import { selectCohort } from '../../lib/study/cohort';
import { datasetFolders } from '../../lib/study/dataset-folders';
import { type DataDescription, describeData } from '../../lib/study/describe-data';
import { plantedFaults } from '../../lib/study/planted-faults';
import { readProfile } from '../../lib/study/profiles';
import type { StudyContext } from '../../lib/study/study-context';
import { exampleDataset } from '../store/example-dataset';

const folder = mkdtempSync(join(tmpdir(), 'describe-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const dataFolder = join(folder, 'data');
const publishedFolder = resolve(__dirname, '../../paper-tables/published');

const named = (name: string, dataset: Dataset): Dataset => ({ ...dataset, name });
const store = (name: string) => join(dataFolder, 'standardised', name);

/** A study on the stores of the data folder, without an engine or runs. */
async function contextOf(profileName: string): Promise<StudyContext> {
  const profile = readProfile(profileName);
  const opened = await openStore(store(profile.data.dataset));
  return {
    profile,
    store: opened,
    others: new Map(),
    cohort: selectCohort(opened, profile),
    published: readPublishedTables(publishedFolder),
    publishedFolder,
    dataFolder,
    outputs: { tables: join(folder, 'tables', profileName), figures: join(folder, 'figures', profileName) },
  } as unknown as StudyContext;
}

beforeAll(async () => {
  await writeStore(store('synthetic'), named('synthetic', exampleDataset(80, 19)));
  await writeStore(store('synthetic-ikem'), named('synthetic-ikem', exampleDataset(12)));
  await writeStore(store('ptb-xl'), named('ptb-xl', exampleDataset(60)));
  await writeStore(store('code-15'), named('code-15', exampleDataset(10, 5)));
  mkdirSync(store('uk-biobank')); // standardising was stopped: no manifest
});

describe('the data of a study', () => {
  let tiny: DataDescription;
  let quick: DataDescription;
  beforeAll(async () => {
    tiny = await describeData(await contextOf('tiny'));
    quick = await describeData(await contextOf('ptbxl-quick'));
  });

  it('are the synthetic cohort’s stores with a synthetic profile, the real ones with another', () => {
    const found = ({ datasets }: DataDescription) =>
      datasets.map(({ dataset, store: name, synthetic, counts }) => [dataset, name, synthetic, counts!.records]);
    expect(found(tiny)).toEqual([
      ['ikem', 'synthetic-ikem', true, 12],
      ['ptb-xl', 'synthetic', true, 80],
    ]);
    expect(found(quick)).toEqual([
      ['code-15', 'code-15', false, 10],
      ['ptb-xl', 'ptb-xl', false, 60],
    ]);
  });

  it('are counted by label: ECGs, patients, cases among the test ECGs', async () => {
    const { store: opened, cohort } = await contextOf('ptbxl-quick');
    const { labelled } = quick;
    expect(labelled).toMatchObject({
      testRecords: 6,
      testName: 'fold 10',
      graded: undefined,
      fsHz: 100,
      durationS: 10,
    });
    for (const { task, records, patients, testCases, statements } of labelled.labels) {
      const rows = Array.from({ length: opened.length }, (_, row) => row).filter(
        (row) => opened.labels[task][row] === 1,
      );
      expect(records).toBe(rows.length);
      expect(patients).toBe(new Set(rows.map((row) => opened.patientIds[row])).size);
      expect(testCases).toBe(rows.filter((row) => cohort.test.includes(row)).length);
      expect(statements).toBeUndefined(); // no publisher's table under data/raw
    }
  });

  it('count statements where the publisher’s table is there', async () => {
    const raw = join(dataFolder, 'raw/ptb-xl');
    mkdirSync(raw, { recursive: true });
    writeFileSync(join(raw, 'scp_statements.csv'), ',diagnostic,diagnostic_class\nIMI,1.0,MI\nASMI,1.0,MI\n');
    writeFileSync(join(raw, 'ptbxl_database.csv'), `ecg_id,scp_codes\n1,"{'IMI': 15.0, 'ASMI': 0.0}"\n`);
    const { labelled } = await describeData(await contextOf('ptbxl-quick'));
    expect(labelled.graded).toBe(true);
    expect(labelled.labels.map(({ statements }) => statements)).toEqual([2, 0, 0, 0]);
    writeFileSync(join(raw, 'ptbxl_database.csv'), `ecg_id,scp_codes\n1,"{'IMI': 100.0}"\n`);
    const rebuilt = (await describeData(await contextOf('ptbxl-quick'))).labelled;
    expect(rebuilt.graded).toBe(false);
    expect(rebuilt.labels[0].statements).toBeUndefined();
    rmSync(raw, { recursive: true });
  });

  it('are drawn in Figure 1 with the study’s counts', () => {
    const { spec } = quick.figure1;
    const words = JSON.stringify(spec);
    expect(words).toContain('60 ECGs of 30 patients');
    expect(words).toContain('10 ECGs of 5 patients');
    expect(words).toContain('70 ECGs read'); // both datasets
    expect(words).toContain('66 kept');
    expect(words).toContain('the paper: 800,035 ECGs');
    const [pretrain] = quick.splits;
    expect(words).toContain(`${pretrain.ecgs} ECGs of ${pretrain.patients} patients`);
    expect(words).not.toContain('mean nothing');
    expect(JSON.stringify(tiny.figure1.spec)).toContain('these numbers mean nothing');
  });

  it('are those of other datasets too where they are pretrained on', async () => {
    const context = await contextOf('tiny');
    const ikem = await openStore(store('synthetic-ikem'));
    const both = await describeData({
      ...context,
      others: new Map([['synthetic-ikem', ikem]]),
    } as unknown as StudyContext);
    const own = tiny.splits.find(({ split }) => split === 'pretrain')!;
    const other = both.splits.find(({ folds }) => folds === 'synthetic-ikem')!;
    expect([other.split, other.ecgs, other.patients]).toEqual(['pretrain', 12, 6]);
    const words = JSON.stringify(both.figure1.spec);
    expect(words).toContain(`${own.ecgs + 12} ECGs of ${own.patients + 6} patients`);
    expect(words).toContain('of 6 datasets');
    ikem.close();
  });

  it('are written as tables and a figure, or a part of these', async () => {
    const all = await quick.write();
    const names = ['table-6', 'table-6-cells', 'table-7', 'table-7-cells', 'table-7-rule'].map((name) => `${name}.csv`);
    for (const name of [...names, 'table-6.provenance.json', 'figure-1.svg', 'figure-1.png', 'figure-1.vg.json']) {
      expect(all.some((path) => path.endsWith(`/${name}`) && existsSync(path))).toBe(true);
    }
    const provenance = JSON.parse(readFileSync(join(folder, 'tables/ptbxl-quick/table-6.provenance.json'), 'utf8'));
    expect(provenance.stores.map(({ store: name }: { store: string }) => name)).toEqual(['code-15', 'ptb-xl']);
    const part = await tiny.write(['table-7']);
    expect(part.every((path) => path.includes('/tables/tiny/table-7'))).toBe(true);
  });
});

describe('datasets in a data folder', () => {
  it('are found by their stores and by the publisher’s files, zipped or not', () => {
    mkdirSync(join(dataFolder, 'raw'), { recursive: true });
    writeFileSync(join(dataFolder, 'raw/sami-trop.zip'), '');
    mkdirSync(join(dataFolder, 'raw/code-15'));
    writeFileSync(join(dataFolder, 'raw/code-15/exams.csv'), '');
    writeFileSync(join(dataFolder, 'raw/code-15/exams_part0.zip'), '');
    mkdirSync(join(dataFolder, 'raw/mimic-iv-ecg'));
    writeFileSync(join(dataFolder, 'raw/mimic-iv-ecg/mimic.zip'), '');
    const real = datasetFolders(dataFolder, { synthetic: false });
    expect(real.map(({ raw }) => raw?.slice(dataFolder.length + 5))).toEqual([
      'mimic-iv-ecg/mimic.zip',
      'code-15',
      'sami-trop.zip',
      undefined,
    ]);
    expect(real.map(({ dataset, store: path, raw }) => [dataset, path !== undefined, raw !== undefined])).toEqual([
      ['mimic-iv-ecg', false, true],
      ['code-15', true, true],
      ['sami-trop', false, true],
      ['ptb-xl', true, false],
    ]);
  });
});

describe('records broken on purpose', () => {
  it('are shown by reason and format', () => {
    const fault = { reason: 'clipped', planted: 2, found: 2, wronglyRejected: 0 };
    const rows = plantedFaultRows([
      { ...fault, store: 'synthetic' },
      { ...fault, store: 'synthetic-ikem', found: 1, wronglyRejected: 3 },
      { ...fault, store: 'synthetic-ikem', reason: 'duplicate' },
    ]);
    expect(rows).toEqual([
      { reason: 'clipped', 'ptb-xl': '2 of 2', ikem: '1 of 2', 'rejected, but not broken': 3 },
      { reason: 'duplicate', 'ptb-xl': '', ikem: '2 of 2', 'rejected, but not broken': 0 },
    ]);
  });

  it('are counted as planted, found, and rejected without having been broken', () => {
    // of 80 records every 19th cannot be read and the one after it is flat: numbers 117, 118, 136, ...
    const raw = join(dataFolder, 'raw/synthetic');
    mkdirSync(raw, { recursive: true });
    const planted = { unreadable: ['117', '136', '155', '174'], 'no-signal': ['118', '137'], clipped: ['100'] };
    writeFileSync(join(raw, 'planted.json'), JSON.stringify({ planted }));
    expect(plantedFaults(dataFolder)).toEqual([
      { store: 'synthetic', reason: 'unreadable', planted: 4, found: 4, wronglyRejected: 0 },
      { store: 'synthetic', reason: 'no-signal', planted: 2, found: 2, wronglyRejected: 2 },
      { store: 'synthetic', reason: 'clipped', planted: 1, found: 0, wronglyRejected: 0 },
    ]);
  });
});
