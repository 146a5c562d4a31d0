import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { writeCsv } from '../../io/csv';
import { writeHdf5 } from '../../io/write-hdf5';
import { breakSignal } from './break-signal';
import type { SyntheticCohort, SyntheticCohortOptions } from './cohort-note';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { type PartPlan, type PartRecord, writeSyntheticPart } from './synthetic-part';

/** Broken records of the part in IKEM's format. */
export const PLANTED_IKEM = { unreadable: 1, 'no-signal': 1, clipped: 1, duplicate: 1 } as const;

type Planted = keyof typeof PLANTED_IKEM;

const LEADS = ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'II', 'I'] as const;
const SAMPLES = 4096;
const SIZE = SAMPLES * LEADS.length;
const GAIN_PER_MV = 1000; // 1 uV a count
const COLUMNS = [
  'exam_id',
  'patient_id',
  'age',
  'gender',
  'weight',
  'height',
  'ventricular_rate',
  'atrial_rate',
] as const;
const TABLE = 'exams.csv';
const MISSING = -1;

const plan: PartPlan<Planted> = {
  dataset: 'ikem',
  version: 1,
  table: TABLE,
  owned: /^exams(_part\d+\.hdf5|\.csv)$/,
  planted: PLANTED_IKEM,
  async write(folder, records, step) {
    const half = Math.floor(0.49 * records.length); // the publisher's third file has the few that are left
    for (const [file, [from, to]] of [[0, half], [half, 2 * half], [2 * half]].entries()) {
      const inFile = records.slice(from, to);
      const tracings = new Int16Array(inFile.length * SIZE);
      for (const [row, record] of inFile.entries()) {
        fillTrace(tracings.subarray(row * SIZE, (row + 1) * SIZE), record);
        await step();
      }
      await writeHdf5(join(folder, `exams_part${file}.hdf5`), {
        exam_id: { values: BigInt64Array.from(inFile, (record) => BigInt(examIdOf(record))) },
        hashes: { values: inFile.map((_, row) => hashOf(tracings.subarray(row * SIZE, (row + 1) * SIZE))) },
        real_lengths: { values: Int32Array.from(inFile, claimedLength) },
        tracings: { values: tracings, shape: [inFile.length, SAMPLES, LEADS.length] },
      });
    }
    const rows = records.map((record) => tableRow(record, records));
    return {
      recordIds: rows.map(({ exam_id }) => String(exam_id)),
      writeTable: () => writeCsv(join(folder, TABLE), COLUMNS, rows),
    };
  },
};

/**
 * Writes synthetic ECGs in IKEM's format: `exams.csv`, and three HDF5 files of `tracings` [exam, sample = 4096, lead = 8], int16,
 * at 500 Hz.
 *
 * With its traps: III, aVR, aVL and aVF are not there, II stands before I, a count is 1 uV, some exams hold only 2,500 samples,
 * as `real_lengths` says, and -1 is written where patient or age are not known.
 *
 * @param folder where it goes; an earlier part there is replaced
 */
export function writeSyntheticIkem(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort> {
  return writeSyntheticPart(folder, plan, options);
}

function fillTrace(row: Int16Array, record: PartRecord<Planted>): void {
  const samples = lengthOf(record);
  const adc = record.sample({ fsHz: 500, samples, gainPerMv: GAIN_PER_MV });
  breakSignal(adc, record.fault, GAIN_PER_MV);
  for (const [column, lead] of LEADS.entries()) {
    const values = adc[SYNTHETIC_LEADS.indexOf(lead)];
    for (let i = 0; i < samples; i++) row[i * LEADS.length + column] = values[i];
  }
}

function lengthOf({ source }: PartRecord<Planted>): number {
  return source % 25 === 7 ? 2500 : SAMPLES;
}

function claimedLength(record: PartRecord<Planted>): number {
  return record.fault === 'unreadable' ? 0 : lengthOf(record);
}

function hashOf(trace: Int16Array): string {
  return createHash('sha1').update(trace).digest('hex');
}

function examIdOf({ number }: PartRecord<Planted>): number {
  return 10_000 + 431 * number;
}

function tableRow(record: PartRecord<Planted>, records: readonly PartRecord<Planted>[]) {
  const { patient, visit } = record;
  const only = records.filter((other) => other.patient === patient).length === 1;
  const rate = Math.round(visit.rhythm.heartRateBpm);
  return {
    exam_id: examIdOf(record),
    patient_id:
      only && patient.patientId % 3 === 0
        ? MISSING
        : createHash('sha1').update(`synthetic patient ${patient.patientId}`).digest('hex'),
    age: patient.patientId % 7 === 0 ? MISSING : patient.age,
    gender: patient.sex,
    weight: MISSING,
    height: MISSING,
    ventricular_rate: rate,
    atrial_rate: rate,
  };
}
