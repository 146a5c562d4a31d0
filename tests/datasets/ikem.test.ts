import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../lib/datasets/dataset';
import { type IkemOptions, openIkem } from '../../lib/datasets/ikem';
import { chooseLeadOrder, chooseScale, IKEM_LEAD_ORDERS, ikemEvidence } from '../../lib/datasets/ikem-checks';
import { pWaveSizes } from '../../lib/datasets/p-waves';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { ArgumentError, FormatError, KitError, MissingFileError } from '../../lib/errors';
import { readWfdbRecord } from '../../lib/io/wfdb';
import { writeHdf5 } from '../../lib/io/write-hdf5';
import { memoryTree } from '../memory-tree';
import { realData } from '../real-data';
import { zipBytes } from '../write-zip';

const LENGTH = 4096;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Counts of a beat a second, 1 uV each; the R waves of V1 to V6, II and I in mV. */
const R_WAVES = [-0.9, -0.4, 0.6, 1.4, 1.6, 1.2, 1.1, 0.5];
/** P waves, of II the largest. */
const P_WAVES = [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.15, 0.07];
const wave = (sample: number, at: number, width: number) => Math.exp(-((((sample % 500) - at) / width) ** 2));
const count = (exam: number, sample: number, lead: number) =>
  Math.round(
    1000 * (1 + (exam % 7) / 20) * (R_WAVES[lead] * wave(sample, 250, 10) + P_WAVES[lead] * wave(sample, 170, 20)),
  ) +
  ((sample * 7 + exam + lead) % 11) +
  1;

interface Part {
  readonly exams: readonly number[];
  /** What `real_lengths` says, and the sample from which the signal lies; default 4096 from 0. */
  readonly lengths?: Readonly<Record<number, readonly [number, number]>>;
  readonly scale?: number;
  readonly swapped?: boolean;
}

async function writePart(path: string, { exams, lengths = {}, scale = 1, swapped = false }: Part): Promise<void> {
  const values = new Int16Array(exams.length * LENGTH * 8);
  for (const [n, exam] of exams.entries()) {
    const [length, start] = lengths[exam] ?? [LENGTH, 0];
    for (let i = 0; i < Math.min(length, LENGTH); i++) {
      for (let lead = 0; lead < 8; lead++) {
        const from = swapped && lead >= 6 ? 13 - lead : lead;
        values[(n * LENGTH + start + i) * 8 + lead] = count(exam, i, from) / scale;
      }
    }
  }
  await writeHdf5(path, {
    exam_id: { values: BigInt64Array.from(exams, BigInt) },
    hashes: { values: exams.map((exam) => String(exam).padStart(40, '0')) },
    real_lengths: { values: Int32Array.from(exams, (exam) => lengths[exam]?.[0] ?? LENGTH) },
    tracings: { values, shape: [exams.length, LENGTH, 8] },
  });
}

const SHA = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const line = (exam: number | string, patient: string) => `${exam},${patient},-1,1,-1,-1,78,78,03-18-2004`;

function folderOf(lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-ikem-'));
  folders.push(folder);
  const header = 'exam_id,patient_id,age,is_male,weight,height,ventricular_rate,atrial_rate,acquisition_date';
  writeFileSync(join(folder, 'exams.csv'), `${[header, ...lines].join('\n')}\n`);
  return folder;
}

/** Thirty exams in two files; the table in another order. */
async function ikemFolder(part: Omit<Part, 'exams'> = {}): Promise<string> {
  const exams = Array.from({ length: 30 }, (_, i) => 100 + i);
  const folder = folderOf(exams.toReversed().map((exam) => line(exam, exam % 3 === 0 ? '-1' : SHA)));
  await writePart(join(folder, 'ikem_10.hdf5'), { ...part, exams: exams.slice(20) });
  await writePart(join(folder, 'ikem_2.hdf5'), { ...part, exams: exams.slice(0, 20) });
  return folder;
}

const readLead = (dataset: Dataset, n: number, lead: string) => {
  const { leads, samples, signal } = dataset.read(dataset.rows[n]);
  const at = leads.indexOf(lead);
  return signal.subarray(at * samples, (at + 1) * samples);
};

const mV = (exam: number, lead: number, samples = LENGTH) =>
  Float32Array.from({ length: samples }, (_, i) => count(exam, i, lead) * 0.001);

const faultOf = (act: () => unknown): KitError => {
  try {
    act();
  } catch (fault) {
    expect(fault).toBeInstanceOf(KitError);
    return fault as KitError;
  }
  throw new Error('no error was thrown');
};

describe('openIkem', () => {
  it('gives rows in the order of the files, joined by exam; an exam without a patient has one of its own', async () => {
    const folder = await ikemFolder();
    const dataset = await openIkem(folder);
    expect({ name: dataset.name, folder: dataset.folder }).toEqual({ name: 'ikem', folder });
    const rows = dataset.rows.map(({ recordId, patientId, stratFold, file }) => [recordId, patientId, stratFold, file]);
    expect(rows).toEqual(
      Array.from({ length: 30 }, (_, i) => {
        const exam = 100 + i;
        return [String(exam), exam % 3 === 0 ? `exam-${exam}` : SHA, 0, i < 20 ? 'ikem_2.hdf5' : 'ikem_10.hdf5'];
      }),
    );
    dataset.close?.();
  });

  it('gives twelve leads in millivolts: four follow from I and II', async () => {
    const dataset = await openIkem(await ikemFolder());
    const { signal, ...record } = dataset.read(dataset.rows[25]);
    expect(record).toEqual({
      dataset: 'ikem',
      recordId: '125',
      patientId: SHA,
      fsHz: 500,
      leads: ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'II', 'I', 'III', 'aVR', 'aVL', 'aVF'],
      samples: LENGTH,
      file: 'ikem_10.hdf5',
    });
    expect(signal).toHaveLength(12 * LENGTH);
    expect(readLead(dataset, 25, 'V3')).toEqual(mV(125, 2));
    const [one, two] = [mV(125, 7), mV(125, 6)];
    expect(readLead(dataset, 25, 'I')).toEqual(one);
    expect(readLead(dataset, 25, 'II')).toEqual(two);
    const derived = {
      III: (i: number) => two[i] - one[i],
      aVR: (i: number) => -(one[i] + two[i]) / 2,
      aVL: (i: number) => one[i] - two[i] / 2,
      aVF: (i: number) => two[i] - one[i] / 2,
    };
    for (const [lead, expected] of Object.entries(derived)) {
      const found = readLead(dataset, 25, lead);
      expect(Math.max(...found.map((value, i) => Math.abs(value - expected(i)))), lead).toBeLessThan(1e-6);
    }
    dataset.close?.();
  });

  it('takes as many samples as are real, wherever the padding lies', async () => {
    const lengths = { 101: [2500, 0], 102: [2500, 798], 103: [2500, 1596], 104: [5000, 0], 105: [2500, 700] } as const;
    const folder = await ikemFolder({ lengths: { ...lengths, 106: [0, 0], 107: [-1, 0] } });
    const dataset = await openIkem(folder);
    for (const n of [1, 2, 3]) expect(readLead(dataset, n, 'V3')).toEqual(mV(100 + n, 2, 2500));
    expect(dataset.read(dataset.rows[4]).samples).toBe(LENGTH);
    expect(faultOf(() => dataset.read(dataset.rows[5])).message).toMatch(
      /ikem_2.hdf5, record 105, key real_lengths: samples: expected 2500, and zeros, got 2500 with a signal/,
    );
    expect(faultOf(() => dataset.read(dataset.rows[6])).message).toMatch(/length: expected a number of samples, got 0/);
    expect(faultOf(() => dataset.read(dataset.rows[7])).message).toMatch(/length: .*, got -1/);
    dataset.close?.();
  });

  it.each<[string, Omit<Part, 'exams'>, IkemOptions, Record<string, unknown>]>([
    ['what others measured', {}, {}, { microvoltsPerCount: 1, leadOrder: IKEM_LEAD_ORDERS[0] }],
    ['the release’s scale', { scale: 4.88 }, {}, { microvoltsPerCount: 4.88, leadOrder: IKEM_LEAD_ORDERS[0] }],
    ['the release’s order', { swapped: true }, {}, { microvoltsPerCount: 1, leadOrder: IKEM_LEAD_ORDERS[1] }],
  ])('chooses what the data support: %s', async (_, part, options, expected) => {
    const dataset = await openIkem(await ikemFolder(part), options);
    expect(dataset.choices).toMatchObject(expected);
    expect(dataset.choices.parts).toBe(2);
    expect(dataset.choices.scaleCheck).toMatch(/^the data support it: median peak 1\.\d\d mV$/);
    expect(dataset.choices.leadCheck).toMatch(
      /^the data support it: II has a larger P wave than I in 100 % of 30 records$/,
    );
    // the same signal, however it was written
    const peak = (lead: string) => Math.max(...readLead(dataset, 0, lead));
    expect(peak('II')).toBeGreaterThan(1.05 * 1.1);
    expect(peak('I')).toBeLessThan(0.85);
    expect(peak('aVF')).toBeGreaterThan(0.8); // of II; 0.3 where they are exchanged
    dataset.close?.();
  });

  it('takes what is asked for, and says when the data contradict it', async () => {
    const folder = await ikemFolder();
    const dataset = await openIkem(folder, { microvoltsPerCount: 4.88, leadOrder: IKEM_LEAD_ORDERS[1] });
    expect(dataset.choices).toMatchObject({ microvoltsPerCount: 4.88, leadOrder: IKEM_LEAD_ORDERS[1] });
    const spelled = await openIkem(folder, { leadOrder: 'v1, v2, v3, v4, v5, v6, i, ii' as never });
    expect(spelled.choices.leadOrder).toBe(IKEM_LEAD_ORDERS[1]);
    spelled.close?.();
    expect(dataset.choices.scaleCheck).toMatch(
      /^the data contradict it: median peak 8\.\d\d mV; 1 uV a count would give 1\.\d\d mV$/,
    );
    expect(dataset.choices.leadCheck).toMatch(
      /^the data contradict it: II has a larger P wave than I in 0 % of 30 records$/,
    );
    expect(readLead(dataset, 0, 'I')[250]).toBeCloseTo(0.00488 * count(100, 250, 6), 5);
    dataset.close?.();
    const few = folderOf([line(1, SHA)]);
    await writePart(join(few, 'a.h5'), { exams: [1] });
    const small = await openIkem(few, { microvoltsPerCount: 4 });
    expect(small.choices).toMatchObject({ microvoltsPerCount: 4, scaleCheck: '1 records are too few to tell' });
    small.close?.();
  });

  it.each<[IkemOptions, RegExp]>([
    [{ rate: 400 }, /rate: expected 500 Hz, got 400/],
    [{ microvoltsPerCount: 0 }, /microvoltsPerCount: expected a number > 0, got 0/],
    [{ microvoltsPerCount: Number.NaN }, /got NaN/],
    [{ leadOrder: 'I II' as never }, /leadOrder: expected V1 .* II I or V1 .* I II, got 'I II'/],
  ])('refuses %o', async (options, message) => {
    await expect(openIkem('/nowhere', options)).rejects.toThrow(ArgumentError);
    await expect(openIkem('/nowhere', options)).rejects.toThrow(message);
  });

  it('reads zipped files, and a zip of everything, as the folder', async () => {
    const folder = await ikemFolder();
    const plain = await openIkem(folder);
    const expected = [0, 10, 25].map((n) => plain.read(plain.rows[n]).signal);
    plain.close?.();
    const bytes = ['exams.csv', 'ikem_10.hdf5', 'ikem_2.hdf5'].map((name) => ({
      name,
      bytes: readFileSync(join(folder, name)),
    }));
    const whole = join(folderOf([]), 'ikem.zip');
    writeFileSync(whole, zipBytes(bytes.map(({ name, bytes }) => ({ name: `IKEM_dataset_v1.0.0/${name}`, bytes }))));
    const apart = folderOf([]);
    copyFileSync(join(folder, 'exams.csv'), join(apart, 'exams.csv'));
    writeFileSync(
      join(apart, 'data.zip'),
      zipBytes(bytes.slice(1).map(({ name, bytes }) => ({ name: `in/${name}`, bytes }))),
    );
    copyFileSync(join(folder, 'ikem_2.hdf5'), join(apart, 'ikem_2.hdf5')); // unpacked already: not read twice
    for (const path of [whole, apart]) {
      const dataset = await openIkem(path);
      expect(dataset.choices).toEqual(plain.choices);
      const rows = [0, 10, 25].map((n) => dataset.rows.find((row) => row.recordId === String(100 + n))!);
      expect(rows.map((row) => dataset.read(row).signal)).toEqual(expected);
      expect(dataset.rows).toHaveLength(30);
      dataset.close?.();
    }
  });

  it('exams that the table lacks, that come again or that no file has are unreadable and say so', async () => {
    const folder = folderOf([line(1, SHA), line(2, SHA), line(9, SHA)]);
    await writePart(join(folder, 'a.hdf5'), { exams: [1, 5] });
    await writePart(join(folder, 'b.hdf5'), { exams: [1, 2] });
    writeFileSync(join(folder, 'c.hdf5'), 'none');
    writeFileSync(join(folder, 'd.zip'), 'none');
    const dataset = await openIkem(folder);
    expect(dataset.choices.parts).toBe(2);
    const ids = dataset.rows.map((row) => row.recordId);
    expect(ids).toEqual(['1', '5 (row 1 of a.hdf5)', '1 (row 0 of b.hdf5)', '2', '9']);
    expect(dataset.read(dataset.rows[3]).samples).toBe(LENGTH);
    const messages = [1, 2, 4].map((n) => faultOf(() => dataset.read(dataset.rows[n])).message);
    expect(messages[0]).toMatch(/exams.csv, record 5: exam_id: expected a row for an exam of a.hdf5, got none/);
    expect(messages[1]).toMatch(/b.hdf5, record 1, row 0: exam_id: expected each once, got twice/);
    expect(messages[2]).toMatch(
      /record 9: exam_id: expected the exam in an HDF5 file, got none in .*c.hdf5: HDF5 file: .*; .*d.zip/,
    );
    dataset.close?.();
  });

  it('takes each way to write a missing patient for one of its own, a float for its number, and no rounded id', async () => {
    const patients = async (...ids: string[]) => {
      const folder = folderOf(ids.map((id, i) => line(`${i + 1}.0`, id)));
      await writePart(join(folder, 'a.hdf5'), { exams: ids.map((_, i) => i + 1) });
      const dataset = await openIkem(folder);
      dataset.close?.();
      return dataset.rows.map(({ patientId }) => patientId);
    };
    expect(await patients('-1', 'nan', '<NA>', '#N/A', '')).toEqual([1, 2, 3, 4, 5].map((exam) => `exam-${exam}`));
    expect(await patients('7.0', '7', '07', SHA)).toEqual(['7', '7', '07', SHA]);
    await expect(patients(SHA, '1.23457E+11')).rejects.toThrow(/row 2, record 2.0: patient_id: .* a rounded number/);
    await expect(openIkem(folderOf([line('NaN', SHA)]))).rejects.toThrow(/exam_id: expected an id, got 'NaN'/);
  });

  it('says what is wrong with a dataset', async () => {
    await expect(openIkem('/nowhere')).rejects.toThrow(MissingFileError);
    await expect(openIkem(folderOf([line(1, SHA)]))).rejects.toThrow(
      /expected HDF5 files that can be read, got 0 HDF5 files/,
    );
    await expect(openIkem(folderOf([line(1, SHA), line(1, SHA)]))).rejects.toThrow(
      /row 2, record 1: exam_id: .* twice/,
    );
    await expect(openIkem(folderOf([line('', SHA)]))).rejects.toThrow(/exam_id: expected an id, got ''/);
    const folder = folderOf([line(1, SHA)]);
    await writePart(join(folder, 'a.hdf5'), { exams: [1] });
    truncateSync(join(folder, 'a.hdf5'), 9000);
    await expect(openIkem(folder)).rejects.toThrow(/a.hdf5: HDF5 file: .*truncated/);
    await writeHdf5(join(folder, 'a.hdf5'), {
      exam_id: { values: Int8Array.of(1) },
      tracings: { values: new Int16Array(96), shape: [1, 8, 12] },
    });
    await expect(openIkem(folder)).rejects.toThrow(/key tracings: shape: expected \(any, any, 8\), got \(1, 8, 12\)/);
  });

  it('any table gives a dataset or a typed error (10,000 tables)', { timeout: 60_000 }, async () => {
    const field = fc.oneof(
      fc.nat(99).map(String),
      fc.constantFrom('', '-1', '-1.0', '"', '"a\nb"', 'NaN'),
      fc.string(),
    );
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const csv = ['exam_id,patient_id', ...rows.map((fields) => fields.join(','))].join('\n');
        const error = await openIkem(memoryTree({ 'exams.csv': Buffer.from(csv) })).then(
          () => undefined,
          (fault) => fault,
        );
        expect(error).toBeInstanceOf(FormatError);
      }),
      { numRuns: 10_000, seed: 2003 },
    );
  });
});

describe('ikemEvidence', () => {
  it('skips records without a signal, and tells nothing from few', () => {
    const flat = [new Int16Array(80), new Int16Array(80).fill(5)];
    expect(ikemEvidence(flat)).toEqual({ records: 0, medianPeak: 0, compared: 0, seventhLarger: 0.5 });
    const none = ikemEvidence([]);
    expect(chooseScale(none)).toEqual({ value: 1, evidence: '0 records are too few to tell' });
    expect(chooseLeadOrder(none, IKEM_LEAD_ORDERS[1]).value).toBe(IKEM_LEAD_ORDERS[1]);
  });

  it('says that it cannot tell the order where chance explains the difference', () => {
    const evidence = { records: 100, medianPeak: 1900, compared: 100, seventhLarger: 0.41 };
    expect(chooseLeadOrder(evidence)).toEqual({
      value: IKEM_LEAD_ORDERS[0],
      evidence: 'the data do not tell: II has a larger P wave than I in 41 % of 100 records',
    });
    expect(chooseLeadOrder({ ...evidence, seventhLarger: 0.39 }).value).toBe(IKEM_LEAD_ORDERS[1]);
  });
});

const native = realData('ptb-xl-500hz-500');
const code15 = realData('code-15');
describe.skipIf(code15 === undefined)('P waves of real ECGs of Brazil (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('are larger in II than in I', () => {
    const folder = join(code15!, 'wfdb');
    const larger = readdirSync(folder)
      .filter((name) => name.endsWith('.hea'))
      .map((name) => {
        const { signal, samples, leads, fsHz } = readWfdbRecord(join(folder, name.slice(0, -4)));
        const values = signal.map((_, at) => signal[(at % leads.length) * samples + Math.floor(at / leads.length)]);
        return pWaveSizes({ values, leads: leads.length, fsHz }, [0, 1]);
      })
      .filter((sizes) => sizes !== undefined)
      .map(([one, two]) => two > one);
    const part = larger.filter((it) => it).length / larger.length;
    console.log(`P waves are larger in II in ${Math.round(100 * part)} % of ${larger.length} ECGs`);
    expect(part).toBeGreaterThan(0.7);
  });
});

describe.skipIf(native === undefined)('the checks on 500 real ECGs (skipped without HYBRID_ECG_REAL_DATA)', () => {
  it('find the scale and the order in which PTB-XL is written as IKEM is', () => {
    const dataset = openPtbXl(native!);
    const stored = IKEM_LEAD_ORDERS[0].split(' ');
    const records = dataset.rows.slice(0, 200).map((row) => {
      const { leads, samples, signal } = dataset.read(row);
      const lower = leads.map((lead) => lead.toLowerCase());
      const planes = stored.map((lead) => lower.indexOf(lead.toLowerCase()) * samples);
      return (scale: number, swapped: boolean) =>
        Int16Array.from({ length: 8 * Math.min(samples, LENGTH) }, (_, at) => {
          const lead = at % 8;
          const plane = planes[swapped && lead >= 6 ? 13 - lead : lead];
          return (1000 * signal[plane + Math.floor(at / 8)]) / scale;
        });
    });
    for (const [scale, swapped] of [
      [1, false],
      [4.88, false],
      [1, true],
      [4.88, true],
    ] as const) {
      const evidence = ikemEvidence(records.map((counts) => counts(scale, swapped)));
      const [scaleChoice, orderChoice] = [chooseScale(evidence), chooseLeadOrder(evidence)];
      console.log(`${scale} uV${swapped ? ', exchanged' : ''}: ${scaleChoice.evidence}; ${orderChoice.evidence}`);
      expect(scaleChoice.value === 1).toBe(scale === 1);
      expect(orderChoice.value).toBe(IKEM_LEAD_ORDERS[Number(swapped)]);
    }
  });
});
