import { join } from 'node:path';
import { writeCsv } from '../../io/csv';
import { writeHdf5 } from '../../io/write-hdf5';
import { randomStream } from '../../random';
import type { SyntheticCohort, SyntheticCohortOptions } from './cohort-note';
import { fillTrace, TRACE_SAMPLES, TRACE_SIZE } from './padded-traces';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { type PartPlan, type PartRecord, writeSyntheticPart } from './synthetic-part';

/** Broken records of the part in CODE-15's format. */
export const PLANTED_CODE_15 = {
  unreadable: 1,
  'not-a-number': 1,
  'no-signal': 1,
  clipped: 1,
  'implausible-amplitude': 1,
  duplicate: 1,
} as const;

type Planted = keyof typeof PLANTED_CODE_15;

const COLUMNS = [
  'exam_id',
  'age',
  'is_male',
  'nn_predicted_age',
  '1dAVb',
  'RBBB',
  'LBBB',
  'SB',
  'ST',
  'AF',
  'patient_id',
  'death',
  'timey',
  'normal_ecg',
  'trace_file',
] as const;
const TABLE = 'exams.csv';
const FILES = 2;

const plan: PartPlan<Planted> = {
  dataset: 'code-15',
  version: 1,
  table: TABLE,
  owned: /^exams(_part\d+\.hdf5|\.csv)$/,
  planted: PLANTED_CODE_15,
  async write(folder, records, step) {
    const rows: ReturnType<typeof tableRow>[] = [];
    const each = Math.ceil(records.length / FILES);
    for (let file = 0; file < FILES; file++) {
      const name = `exams_part${file}.hdf5`;
      const inFile = records.slice(file * each, (file + 1) * each);
      // an unreadable exam is listed, and not in its file; the last row is no exam
      const held = inFile.filter(({ fault }) => fault !== 'unreadable');
      const examIds = new BigInt64Array(held.length + 1);
      const tracings = new Float32Array((held.length + 1) * TRACE_SIZE);
      for (const [row, record] of held.entries()) {
        examIds[row] = BigInt(examIdOf(record));
        const samples = record.source % 4 === 0 ? 2800 : 4000; // 7 or 10 s
        fillTrace(tracings.subarray(row * TRACE_SIZE, (row + 1) * TRACE_SIZE), record, { samples, mistaken: 1e-3 }); // V
        await step();
      }
      for (let i = held.length; i < inFile.length; i++) await step();
      const shape = [held.length + 1, TRACE_SAMPLES, SYNTHETIC_LEADS.length];
      await writeHdf5(join(folder, name), { exam_id: { values: examIds }, tracings: { values: tracings, shape } });
      rows.push(...inFile.map((record) => tableRow(record, name)));
    }
    return {
      recordIds: rows.map(({ exam_id }) => String(exam_id)),
      writeTable: () => writeCsv(join(folder, TABLE), COLUMNS, randomStream(0, 'order of exams').shuffled(rows)),
    };
  },
};

/**
 * Writes synthetic ECGs in CODE-15's format: `exams.csv`, and two HDF5 files of `tracings` [exam, sample = 4096, lead = 12] in mV
 * at 400 Hz.
 *
 * With its traps: the table is not in the files' order, zeros stand on both sides of each signal, which lasts 7 or 10 s,
 * and the last row of each file is exam 0, without a signal.
 *
 * @param folder where it goes; an earlier part there is replaced
 */
export function writeSyntheticCode15(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort> {
  return writeSyntheticPart(folder, plan, options);
}

function examIdOf({ number }: PartRecord<Planted>): number {
  return 600_000 + 7_919 * number;
}

function tableRow(record: PartRecord<Planted>, file: string) {
  const { patient, visit } = record;
  const codes = visit.findings.map(({ code }) => code);
  const { heartRateBpm } = visit.rhythm;
  const said = (yes: boolean) => (yes ? 'True' : 'False');
  return {
    exam_id: examIdOf(record),
    age: patient.age,
    is_male: said(patient.sex === 0),
    '1dAVb': said(codes.includes('1AVB')),
    RBBB: said(codes.includes('CRBBB')),
    LBBB: said(codes.includes('CLBBB')),
    SB: said(heartRateBpm < 60),
    ST: said(heartRateBpm > 100),
    AF: said(false),
    patient_id: 300_000 + 613 * patient.patientId,
    normal_ecg: said(codes.length === 0),
    trace_file: file,
  };
}
