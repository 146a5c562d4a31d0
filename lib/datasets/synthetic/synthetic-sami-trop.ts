import { join } from 'node:path';
import { writeCsv } from '../../io/csv';
import { writeHdf5 } from '../../io/write-hdf5';
import type { SyntheticCohort, SyntheticCohortOptions } from './cohort-note';
import { fillTrace, TRACE_SAMPLES, TRACE_SIZE } from './padded-traces';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { type PartPlan, type PartRecord, writeSyntheticPart } from './synthetic-part';

/** Broken records of the part in SaMi-Trop's format. */
export const PLANTED_SAMI_TROP = {
  'not-a-number': 1,
  'no-signal': 2,
  'implausible-amplitude': 1,
} as const;

type Planted = keyof typeof PLANTED_SAMI_TROP;

const COLUMNS = ['exam_id', 'age', 'is_male', 'normal_ecg', 'death', 'timey', 'nn_predicted_age'] as const;
const TABLE = 'exams.csv';

const plan: PartPlan<Planted> = {
  dataset: 'sami-trop',
  version: 1,
  table: TABLE,
  owned: /^exams\.(hdf5|csv)$/,
  planted: PLANTED_SAMI_TROP,
  ecgsPerPatient: 1,
  async write(folder, records, step) {
    const tracings = new Float32Array(records.length * TRACE_SIZE);
    for (const [row, record] of records.entries()) {
      fillTrace(tracings.subarray(row * TRACE_SIZE, (row + 1) * TRACE_SIZE), record, {
        samples: lengthOf(record),
        mistaken: 1000, // uV
      });
      await step();
    }
    const shape = [records.length, TRACE_SAMPLES, SYNTHETIC_LEADS.length];
    await writeHdf5(join(folder, 'exams.hdf5'), { tracings: { values: tracings, shape } });
    const rows = records.map(tableRow);
    return {
      recordIds: rows.map(({ exam_id }) => String(exam_id)),
      writeTable: () => writeCsv(join(folder, TABLE), COLUMNS, rows),
    };
  },
};

/**
 * Writes synthetic ECGs in SaMi-Trop's format: `exams.csv`, and `exams.hdf5` with `tracings` [exam, sample = 4096, lead = 12] in
 * mV at 400 Hz.
 *
 * With its traps: only the order tells which exam is whose, and each is of another patient; zeros stand on both sides of each
 * signal, of which the shortest has 1,568 samples.
 *
 * @param folder where it goes; an earlier part there is replaced
 */
export function writeSyntheticSamiTrop(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort> {
  return writeSyntheticPart(folder, plan, options);
}

function lengthOf({ source }: PartRecord<Planted>): number {
  if (source % 25 === 3) return 1568;
  return source % 4 === 0 ? 2800 : 4000;
}

function tableRow({ number, patient, visit }: PartRecord<Planted>) {
  return {
    exam_id: 90_000 + ((37 * number) % 9_973), // in no order
    age: patient.age,
    is_male: patient.sex === 0 ? 'True' : 'False',
    normal_ecg: visit.findings.length === 0 ? 'True' : 'False',
  };
}
