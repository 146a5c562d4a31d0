import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeCsv } from '../../io/csv';
import { INVALID_SAMPLE } from '../../io/wfdb';
import { writeFileWhole } from '../../io/whole-file';
import { writeWfdbRecord } from '../../io/write-wfdb';
import { type RandomStream, randomStream } from '../../random';
import {
  type CohortNote,
  DEFAULT_SEED,
  finishCohort,
  presentCohort,
  type SyntheticCohort,
  type SyntheticCohortOptions,
} from './cohort-note';
import { synthesiseVisit } from './synthesise-visit';
import { DATABASE_COLUMNS, databaseRow } from './synthetic-database';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { drawPatient, drawVisit, type SyntheticPatient, type Visit } from './synthetic-patient';
import { SYNTHETIC_STATEMENTS, syntheticStatementsCsv } from './synthetic-statements';

/** Records that are broken on purpose, so that standardising can be seen to find them: number by reason. */
export const PLANTED = {
  unreadable: 3,
  'missing-lead': 2,
  'not-a-number': 3,
  'no-signal': 3,
  'implausible-amplitude': 1,
} as const;

type Planted = keyof typeof PLANTED;

const VERSION = 1; // goes up when equal seeds give other bytes

const DATABASE = 'ptbxl_database.csv';
const OWNED = /^(ptbxl_database\.csv|scp_statements\.csv|records500(\/\d{5,}(\/\d{5,}_hr\.(dat|hea))?)?)$/;

const FS_HZ = 500;
const SAMPLES = 5000;
const GAIN_PER_MV = 1000;

/**
 * Writes a cohort of synthetic ECGs in PTB-XL's layout: 12 leads, 10 s at 500 Hz, WFDB format 16, 1000 units a mV.
 *
 * Nothing in it comes from a person. The publisher's CSV comes last: a folder that has it is whole. Equal seeds give
 * equal bytes, and a cohort that is there is not written again. `planted.json` lists the ecg_id of every record that is
 * broken on purpose, by reason.
 *
 * @param folder where it goes: empty, or an earlier cohort, which is replaced
 * @returns its counts, planted records included
 * @throws ArgumentError when the folder holds anything else
 */
export async function writeSyntheticCohort(
  folder: string,
  options: SyntheticCohortOptions = {},
): Promise<SyntheticCohort> {
  const { ecgs = 1200, seed = DEFAULT_SEED, onProgress, signal } = options;
  const wanted = { dataset: 'ptb-xl', version: VERSION, seed, ecgs, table: DATABASE, owned: OWNED };
  const present = presentCohort(folder, wanted);
  if (present !== undefined) return { ...present, existed: true };
  const visits = drawVisits(ecgs, seed);
  const faults = plantedFaults(visits.length, randomStream(seed, 'synthetic', 'planted'));
  const planted = Object.fromEntries(Object.keys(PLANTED).map((reason) => [reason, []])) as unknown as Record<
    Planted,
    string[]
  >;
  const rows: ReturnType<typeof databaseRow>[] = [];
  for (const [i, { patient, visit, fold }] of visits.entries()) {
    signal?.throwIfAborted();
    const id = i + 1;
    const stream = randomStream(seed, 'synthetic', 'ecg', id);
    const group = String(Math.floor(id / 1000) * 1000).padStart(5, '0');
    const name = String(id).padStart(5, '0');
    const path = join(folder, 'records500', group, `${name}_hr`);
    writeRecord(path, patient, visit, stream, faults.get(i));
    if (faults.has(i)) planted[faults.get(i)!].push(String(id));
    rows.push(databaseRow(id, patient, visit, fold, `${group}/${name}`));
    onProgress?.({ done: id, total: visits.length });
    if (id % 32 === 0) await setImmediate();
  }
  writeFileWhole(join(folder, 'scp_statements.csv'), syntheticStatementsCsv());
  const patients = new Set(visits.map(({ patient }) => patient)).size;
  const note: CohortNote = { version: VERSION, seed, ecgs, records: rows.length, patients, planted };
  finishCohort(folder, note, () => writeCsv(join(folder, DATABASE), DATABASE_COLUMNS, rows));
  return { ...note, existed: false };
}

interface DrawnVisit {
  readonly patient: SyntheticPatient;
  readonly visit: Visit;
  readonly fold: number;
}

/** Patients with their visits until there are enough ECGs, in random order; folds by patient, each kind spread evenly. */
function drawVisits(ecgs: number, seed: number): DrawnVisit[] {
  const wanted = ecgs + Object.values(PLANTED).reduce((sum, count) => sum + count, 0);
  const inFold = new Map<string, number[]>(); // ECGs by fold, of each kind of patient and of all
  const visits: DrawnVisit[] = [];
  for (let id = 1; visits.length < wanted; id++) {
    const stream = randomStream(seed, 'synthetic', 'patient', id);
    const patient = drawPatient(id, stream);
    const kinds = [superclassesOf(patient).sort().join(), 'all'];
    const counts = kinds.map((kind) => inFold.get(kind) ?? new Array<number>(10).fill(0));
    kinds.forEach((kind, i) => {
      inFold.set(kind, counts[i]);
    });
    let fold = 0; // the fold with the fewest ECGs of this kind, then with the fewest of all
    for (let f = 1; f < 10; f++) {
      const fewer = counts[0][f] - counts[0][fold] || counts[1][f] - counts[1][fold];
      if (fewer < 0) fold = f;
    }
    for (let i = 0; i < patient.ecgs && visits.length < wanted; i++) {
      visits.push({ patient, visit: drawVisit(patient, stream), fold: fold + 1 });
      for (const count of counts) count[fold]++;
    }
  }
  return randomStream(seed, 'synthetic', 'order').shuffled(visits);
}

function superclassesOf(patient: SyntheticPatient): (string | undefined)[] {
  return patient.findings.map(
    ({ code }) => SYNTHETIC_STATEMENTS.find((statement) => statement.code === code)?.superclass,
  );
}

function plantedFaults(records: number, stream: RandomStream): Map<number, Planted> {
  const order = stream.shuffled(Array.from({ length: records }, (_, i) => i));
  const faults = new Map<number, Planted>();
  for (const [reason, count] of Object.entries(PLANTED) as [Planted, number][]) {
    for (let i = 0; i < count; i++) faults.set(order.pop()!, reason);
  }
  return faults;
}

function writeRecord(
  path: string,
  patient: SyntheticPatient,
  visit: Visit,
  stream: RandomStream,
  fault: Planted | undefined,
): void {
  const adc = synthesiseVisit({ patient, visit }, stream, { fsHz: FS_HZ, samples: SAMPLES, gainPerMv: GAIN_PER_MV });
  let leads: readonly string[] = SYNTHETIC_LEADS;
  let gainPerMv = GAIN_PER_MV;
  if (fault === 'not-a-number') adc[7].fill(INVALID_SAMPLE, 1200, 1900);
  if (fault === 'no-signal') for (const lead of adc) lead.fill(0);
  if (fault === 'implausible-amplitude') gainPerMv = 1;
  if (fault === 'missing-lead') {
    leads = SYNTHETIC_LEADS.slice(0, 11);
    adc.pop();
  }
  writeWfdbRecord(path, { fsHz: FS_HZ, leads, adc, gainPerMv });
  if (fault === 'unreadable') truncateSync(`${path}.dat`, 2 * adc.length * (SAMPLES - 731));
}
