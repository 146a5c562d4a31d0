import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../lib/datasets/dataset';
import { SUPERCLASSES } from '../../../lib/datasets/superclass';
import type { SyntheticCohort } from '../../../lib/datasets/synthetic/cohort-note';
import { PLANTED, writeSyntheticCohort } from '../../../lib/datasets/synthetic/synthetic-cohort';
import { synthetic } from '../../../lib/datasets/synthetic/synthetic-parts';
import { readCsv } from '../../../lib/io/csv';
import { readWfdbRecord } from '../../../lib/io/wfdb';
import { openStore } from '../../../lib/store/open-store';
import { writeStore } from '../../../lib/store/write-store';
import { peerPython } from '../../peer-python';

const ECGS = 240;
const temporary = () => mkdtempSync(join(tmpdir(), 'hybrid-ecg-synthetic-'));

describe('writeSyntheticCohort', () => {
  const folder = temporary();
  let cohort: SyntheticCohort;
  let dataset: Dataset;
  beforeAll(async () => {
    cohort = await writeSyntheticCohort(folder, { ecgs: ECGS });
    dataset = await synthetic.open(folder);
  });

  it('writes PTB-XL’s layout and columns', () => {
    expect(readdirSync(folder).sort()).toEqual([
      'planted.json',
      'ptbxl_database.csv',
      'records500',
      'scp_statements.csv',
    ]);
    const rows = readCsv(join(folder, 'ptbxl_database.csv'));
    expect(Object.keys(rows[0])).toHaveLength(28);
    expect(rows).toHaveLength(ECGS + 12);
    expect(rows[0]).toMatchObject({ ecg_id: '1', filename_hr: 'records500/00000/00001_hr' });
    expect(rows[0].patient_id).toMatch(/^\d+\.0$/);
    expect(rows[0].report).toContain('\n');
    expect(dataset.choices).toEqual({ rate: 500 });
  });

  it('plants exactly the broken records that it lists, and standardising finds each', async () => {
    const store = temporary();
    const { manifest } = await writeStore(store, dataset);
    expect(manifest.rejected).toEqual(PLANTED);
    expect(manifest.records).toBe(ECGS);
    for (const [reason, ids] of Object.entries(cohort.planted)) {
      const found = readCsv(join(store, 'rejected.csv')).filter((row) => row.reason === reason);
      expect(found.map((row) => row.record_id).sort()).toEqual([...ids].sort());
    }
    (await openStore(store)).close();
  });

  it('gives patients 1 to 4 ECGs in one fold, every class in every part', () => {
    const ecgs = new Map<string, number>();
    const folds = new Map<string, number>();
    for (const { patientId, stratFold } of dataset.rows) {
      ecgs.set(patientId, (ecgs.get(patientId) ?? 0) + 1);
      expect(folds.get(patientId) ?? stratFold).toBe(stratFold);
      folds.set(patientId, stratFold);
    }
    expect(ecgs.size).toBe(cohort.patients);
    expect(new Set(ecgs.values())).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(folds.values()).size).toBe(10);
    for (const part of [(fold: number) => fold <= 8, (fold: number) => fold === 9, (fold: number) => fold === 10]) {
      const rows = dataset.rows.filter((row) => part(row.stratFold));
      for (const name of SUPERCLASSES) {
        const share = rows.filter((row) => row.superclasses!.includes(name)).length / rows.length;
        expect(share, name).toBeGreaterThan(0.02);
        expect(share, name).toBeLessThan(0.7);
      }
    }
  });

  it('obeys Einthoven: III = II - I exactly, the augmented leads to half a unit', () => {
    const broken = new Set(Object.values(cohort.planted).flat());
    for (const { file, recordId } of dataset.rows.slice(0, 20)) {
      if (broken.has(recordId)) continue;
      const { adc, samples } = readWfdbRecord(join(folder, file));
      for (let s = 0; s < samples; s += 7) {
        const [one, two, three, avr, avl, avf] = adc.map((lead) => lead[s]);
        expect(three).toBe(two - one);
        expect(Math.abs(avr + (one + two) / 2)).toBeLessThanOrEqual(0.5);
        expect(Math.abs(avl - (one - two / 2))).toBeLessThanOrEqual(0.5);
        expect(Math.abs(avf - (two - one / 2))).toBeLessThanOrEqual(0.5);
      }
    }
  });

  it('gives equal bytes for an equal seed, others for another, and is not written twice', async () => {
    const [again, other] = [temporary(), temporary()];
    await writeSyntheticCohort(again, { ecgs: 20, seed: 5 });
    await writeSyntheticCohort(other, { ecgs: 20, seed: 6 });
    const database = (of: string) => readFileSync(join(of, 'ptbxl_database.csv'), 'utf8');
    const record = (of: string) => readFileSync(join(of, 'records500/00000/00001_hr.dat')).toString('base64');
    const [csv, dat] = [database(again), record(again)];
    expect(database(other)).not.toBe(csv);
    expect(record(other)).not.toBe(dat);
    expect((await writeSyntheticCohort(again, { ecgs: 20, seed: 5 })).existed).toBe(true);
    rmSync(join(again, 'ptbxl_database.csv'));
    expect((await writeSyntheticCohort(again, { ecgs: 20, seed: 5 })).existed).toBe(false);
    expect([database(again), record(again)]).toEqual([csv, dat]);
  });

  it('stops where it is told, without a table', async () => {
    const stopped = temporary();
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 9 && stop.abort();
    await expect(writeSyntheticCohort(stopped, { ecgs: 20, onProgress, signal: stop.signal })).rejects.toThrow(
      /abort/i,
    );
    expect(readdirSync(stopped)).toEqual(['being-written.json', 'records500']);
  });

  const python = peerPython('wfdb', 'pandas');
  it.skipIf(python === undefined)('is read by wfdb-python and pandas (skipped without a Python that has them)', () => {
    const code = `
import ast, pandas, sys, wfdb
d = pandas.read_csv(sys.argv[1] + "/ptbxl_database.csv", index_col="ecg_id")
d.scp_codes = d.scp_codes.apply(ast.literal_eval)
s = pandas.read_csv(sys.argv[1] + "/scp_statements.csv", index_col=0)
s = s[s.diagnostic == 1]
counts = {c: sum(any(k in s.index and s.diagnostic_class[k] == c and v > 0 for k, v in codes.items()) for codes in d.scp_codes) for c in "NORM MI STTC CD HYP".split()}
x, fields = wfdb.rdsamp(sys.argv[1] + "/" + d.filename_hr[int(sys.argv[2])])
print(counts["NORM"], counts["MI"], counts["STTC"], counts["CD"], counts["HYP"], *x.shape, fields["fs"], *fields["sig_name"])
`;
    const whole = dataset.rows.find((row) => !Object.values(cohort.planted).flat().includes(row.recordId))!;
    const found = execFileSync(python!, ['-c', code, folder, whole.recordId], { encoding: 'utf8' }).trim();
    const counts = SUPERCLASSES.map((s) => dataset.rows.filter((row) => row.superclasses!.includes(s)).length);
    expect(found).toBe(`${counts.join(' ')} 5000 12 500 I II III AVR AVL AVF V1 V2 V3 V4 V5 V6`);
  });
});
