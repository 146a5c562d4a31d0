import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dataset, DatasetRow } from '../../../lib/datasets/dataset';
import { datasetFormat } from '../../../lib/datasets/registry';
import type { SyntheticCohort } from '../../../lib/datasets/synthetic/cohort-note';
import { SYNTHETIC_PARTS } from '../../../lib/datasets/synthetic/synthetic-parts';
import { ArgumentError } from '../../../lib/errors';
import { readCsv } from '../../../lib/io/csv';
import { openHdf5 } from '../../../lib/io/hdf5';
import { LEADS } from '../../../lib/signal/leads';
import { REJECTION_REASONS } from '../../../lib/signal/quality';
import type { StoreManifest } from '../../../lib/store/manifest';
import { writeStore } from '../../../lib/store/write-store';

const temporary = mkdtempSync(join(tmpdir(), 'hybrid-ecg-parts-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let folders = 0;
const newFolder = () => join(temporary, String(folders++));

const NAMES = SYNTHETIC_PARTS.map(({ format }) => format.name);
const partOf = (name: string) => SYNTHETIC_PARTS.find(({ format }) => format.name === name)!;

interface Written {
  readonly raw: string;
  readonly store: string;
  readonly cohort: SyntheticCohort;
  readonly manifest: StoreManifest;
  readonly dataset: Dataset;
}

const written = new Map<string, Written>();
const writtenAs = (name: string) => written.get(name)!;
beforeAll(async () => {
  for (const name of NAMES) {
    const [raw, store] = [newFolder(), newFolder()];
    const ecgs = name === 'synthetic' ? 24 : undefined; // PTB-XL's part has a test of its own
    const cohort = await partOf(name).write(raw, { ecgs });
    const dataset = await datasetFormat(name).open(raw);
    const { manifest } = await writeStore(store, dataset);
    written.set(name, { raw, store, cohort, manifest, dataset });
  }
});
afterAll(() => {
  for (const { dataset } of written.values()) dataset.close?.();
});

describe('the synthetic cohort in six formats', () => {
  it('is read as the datasets are, under names of its own', () => {
    expect(NAMES).toEqual([
      'synthetic',
      'synthetic-mimic-iv-ecg',
      'synthetic-code-15',
      'synthetic-uk-biobank',
      'synthetic-sami-trop',
      'synthetic-ikem',
    ]);
    for (const [name, { dataset, manifest }] of written) {
      expect([dataset.name, manifest.dataset]).toEqual([name, name]);
      const whole = readable(dataset)[0];
      expect(whole.dataset).toBe(name);
    }
  });

  it.each(NAMES)('%s: exactly the records that are broken on purpose are rejected, each for its own reason', (name) => {
    const { store, cohort, manifest, dataset } = writtenAs(name);
    const rejected = readCsv(join(store, 'rejected.csv'), { columns: ['record_id', 'reason'] });
    const found = Object.fromEntries(
      Object.keys(cohort.planted).map((reason) => [
        reason,
        rejected.filter((row) => row.reason === reason).map((row) => row.record_id),
      ]),
    );
    const sorted = (lists: Readonly<Record<string, readonly string[]>>) =>
      Object.fromEntries(Object.entries(lists).map(([reason, ids]) => [reason, [...ids].sort()]));
    expect(sorted(found)).toEqual(sorted(cohort.planted));
    expect(rejected).toHaveLength(Object.values(cohort.planted).flat().length);
    expect(manifest.records).toBe(cohort.ecgs);
    expect(dataset.rows).toHaveLength(cohort.records);
    expect(new Set(dataset.rows.map(({ patientId }) => patientId)).size).toBe(cohort.patients);
  });

  it('breaks records in every way that is checked', () => {
    const planted = [...written.values()].flatMap(({ cohort }) => Object.keys(cohort.planted));
    const ofRecords = REJECTION_REASONS.filter((reason) => reason !== 'not-representable'); // which a store's type decides
    expect([...new Set(planted)].sort()).toEqual([...ofRecords].sort());
  });

  it.each(NAMES)(
    '%s obeys Einthoven and Goldberger once it is read: every lead is the one that it is called',
    (name) => {
      const { cohort, dataset } = writtenAs(name);
      const broken = new Set(Object.values(cohort.planted).flat());
      let records = 0;
      for (const record of readable(dataset)) {
        const upper = record.leads.map((lead) => lead.toUpperCase());
        const lead = (of: string) => {
          const at = upper.indexOf(of.toUpperCase());
          return record.signal.subarray(at * record.samples, (at + 1) * record.samples);
        };
        if (broken.has(record.recordId)) continue;
        expect([...upper].sort()).toEqual(LEADS.map((one) => one.toUpperCase()).sort());
        const [one, two, three] = [lead('I'), lead('II'), lead('III')];
        const [avr, avl, avf] = [lead('aVR'), lead('aVL'), lead('aVF')];
        const half = 0.0026; // half a unit, of 5 uV at most
        for (let i = 0; i < record.samples; i += 37) {
          expect(Math.abs(three[i] - (two[i] - one[i]))).toBeLessThan(1e-5);
          expect(Math.abs(avr[i] + (one[i] + two[i]) / 2)).toBeLessThan(half);
          expect(Math.abs(avl[i] - (one[i] - two[i] / 2))).toBeLessThan(half);
          expect(Math.abs(avf[i] - (two[i] - one[i] / 2))).toBeLessThan(half);
        }
        if (++records === 6) break;
      }
      expect(records).toBe(6);
    },
  );

  it('has the traps of each publisher', async () => {
    const { raw: mimic, dataset } = writtenAs('synthetic-mimic-iv-ecg');
    const broken = new Set(Object.values(writtenAs('synthetic-mimic-iv-ecg').cohort.planted).flat());
    const listed = readCsv(join(mimic, 'record_list.csv'), { columns: ['study_id', 'path'] });
    const { path } = listed.find((row) => !broken.has(row.study_id))!;
    expect(path).toMatch(/^files\/p(\d{4})\/p\1\d{4}\/s(\d{8})\/\2$/);
    const header = readFileSync(join(mimic, `${path}.hea`), 'utf8').split('\n');
    expect(header[0]).toMatch(/^\d{8} 12 500 5000$/);
    expect(header.slice(4, 7).map((line) => line.split(' ').at(-1))).toEqual(['aVR', 'aVF', 'aVL']);
    expect(header[1]).toContain(' 16 200.0(0)/mV ');
    const flat = readable(dataset).filter(({ signal, samples }) =>
      signal.subarray(11 * samples).every((mv) => mv === 0 && samples > 0),
    );
    expect(flat.length).toBeGreaterThan(1); // more than the one without any signal

    const { raw: code } = writtenAs('synthetic-code-15');
    const table = readCsv(join(code, 'exams.csv'), { columns: ['exam_id', 'trace_file'] });
    for (const part of [0, 1]) {
      const file = await openHdf5(join(code, `exams_part${part}.hdf5`));
      const ids = file.readTexts('exam_id');
      const inPart = table.filter(({ trace_file }) => trace_file === `exams_part${part}.hdf5`);
      expect(ids.at(-1)).toBe('0');
      expect(file.dataset('tracings').shape).toEqual([ids.length, 4096, 12]);
      expect(file.read('tracings', { from: ids.length - 1 }).every((mv) => mv === 0)).toBe(true);
      expect(inPart.map(({ exam_id }) => exam_id)).not.toEqual(ids.slice(0, -1));
      file.close();
    }
    expect(lengths('synthetic-code-15')).toEqual([2800, 4000]);
    expect(lengths('synthetic-sami-trop')).toEqual([1568, 2800, 4000]);

    const { raw: ikem, manifest } = writtenAs('synthetic-ikem');
    expect(manifest.choices).toMatchObject({ parts: 3, microvoltsPerCount: 1, leadOrder: 'V1 V2 V3 V4 V5 V6 II I' });
    expect(manifest.choices.scaleCheck).toMatch(/^the data support it/);
    expect(manifest.choices.leadCheck).toMatch(/^the data support it/);
    expect(lengths('synthetic-ikem')).toEqual([2500, 4096]);
    expect(readFileSync(join(ikem, 'exams.csv'), 'utf8')).toMatch(/^\d+,-1,/m);

    const { raw: biobank } = writtenAs('synthetic-uk-biobank');
    const xml = readdirSync(biobank).filter((name) => name.endsWith('.xml'));
    const documents = xml.map((name) => readFileSync(join(biobank, name), 'latin1'));
    expect(documents.every((text) => text.includes('ISO-8859-1'))).toBe(true);
    for (const spelled of ['aVR', 'AVR', 'avr'])
      expect(documents.some((text) => text.includes(`lead="${spelled}"`))).toBe(true);
    expect(documents.some((text) => text.includes('<Strip>'))).toBe(true);
    expect(readdirSync(biobank).filter((name) => name.endsWith('.zip')).length).toBeGreaterThan(3);
  });
});

describe.each(NAMES)('writing %s', (name) => {
  const write = (folder: string, options: Parameters<ReturnType<typeof partOf>['write']>[1]) =>
    partOf(name).write(folder, { ecgs: 6, ...options });
  afterEach(() => vi.useRealTimers());

  it('gives equal bytes for an equal seed, at any time, others for another, and is not done twice', async () => {
    const [first, second] = [newFolder(), newFolder()];
    vi.useFakeTimers({ toFake: ['Date'], now: 1e12 });
    await write(first, { seed: 5 });
    const bytes = hashes(first);
    vi.setSystemTime(1.5e12);
    expect((await write(second, { seed: 6 })).existed).toBe(false);
    expect(Object.values(hashes(second))).not.toEqual(Object.values(bytes));
    writeFileSync(join(second, 'mine.txt'), 'kept');
    expect((await write(second, { seed: 5 })).existed).toBe(false); // another part is replaced
    rmSync(join(second, 'mine.txt'));
    if (name !== 'synthetic') expect(hashes(second)).toEqual(bytes);
    expect((await write(second, { seed: 5 })).existed).toBe(true);
  });

  it('leaves a folder as it is that holds what is not the cohort’s', async () => {
    const own = newFolder();
    await write(own, { seed: 6 });
    const names = readdirSync(own, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'planted.json')
      .map((entry) => join(entry.parentPath, entry.name).slice(own.length + 1));
    // files of the publisher's names: the cohort's own without its note, and one alone
    for (const some of [names, names.slice(0, 1), ['paper.pdf'], ['planted.json']]) {
      const folder = newFolder();
      for (const path of some) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), path === 'planted.json' ? '{"trees": 3}' : 'real');
      }
      const before = hashes(folder);
      const refused = write(folder, { seed: 5 });
      await expect(refused).rejects.toThrow(ArgumentError);
      await expect(refused).rejects.toThrow(
        /expected an empty one, or the synthetic cohort in the format of .*, got \w/,
      );
      expect(hashes(folder)).toEqual(before);
    }
    // deeper, where a part is removed with all that its folders hold
    const [inside] = names.filter((path) => path.includes('/'));
    if (inside === undefined) return;
    writeFileSync(join(dirname(join(own, inside)), 'mine.txt'), 'real');
    await expect(write(own, { seed: 5 })).rejects.toThrow(/mine\.txt/);
    expect(existsSync(join(dirname(join(own, inside)), 'mine.txt'))).toBe(true);
  });

  it('stops where it is told, and is whole after the next call', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 4 && stop.abort();
    await expect(write(folder, { onProgress, signal: stop.signal })).rejects.toThrow(/abort/i);
    expect(
      readdirSync(folder, { recursive: true }).filter((file) => /planted\.json|\.csv$/.test(String(file))),
    ).toEqual([]);
    const seen: number[] = [];
    const { existed, records } = await write(folder, { onProgress: ({ done, total }) => seen.push(done, total) });
    expect([existed, seen.length, ...seen.slice(-2)]).toEqual([false, 2 * records, records, records]);
  });
});

/** The records that can be read. */
function readable(dataset: Dataset) {
  const read = (row: DatasetRow) => {
    try {
      return [dataset.read(row)];
    } catch {
      return []; // broken on purpose
    }
  };
  return dataset.rows.flatMap(read);
}

/** The lengths that records have, ascending; an exam without a signal is read with its padding, as 4,096 samples. */
function lengths(name: string): number[] {
  const found = readable(writtenAs(name).dataset).map(({ samples }) => samples);
  return [...new Set(found)].filter((samples) => samples !== 4096 || name.endsWith('ikem')).sort((a, b) => a - b);
}

function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const hashed = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(folder.length), createHash('sha256').update(readFileSync(path)).digest('hex')];
  });
  return Object.fromEntries(hashed.sort());
}
