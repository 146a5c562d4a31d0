import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCsv } from '../../io/csv';
import { INVALID_SAMPLE } from '../../io/wfdb';
import { writeWfdbRecord } from '../../io/write-wfdb';
import { breakSignal } from './break-signal';
import type { SyntheticCohort, SyntheticCohortOptions } from './cohort-note';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { type PartPlan, type PartRecord, writeSyntheticPart } from './synthetic-part';

/** Broken records of the part in MIMIC-IV-ECG's format. */
export const PLANTED_MIMIC_IV_ECG = {
  'missing-file': 1,
  unreadable: 1,
  'not-a-voltage': 1,
  'missing-lead': 1,
  'ambiguous-lead': 1,
  'no-samples': 1,
  'implausible-rate': 1,
  'too-short': 1,
  'not-a-number': 2,
  'no-signal': 1,
  clipped: 1,
  'implausible-amplitude': 1,
  duplicate: 1,
} as const;

type Planted = keyof typeof PLANTED_MIMIC_IV_ECG;

const LEADS = ['I', 'II', 'III', 'aVR', 'aVF', 'aVL', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const UPPER_CASE: readonly string[] = SYNTHETIC_LEADS;
const SAMPLES = 5000;
const GAIN_PER_MV = 200;
const COLUMNS = ['subject_id', 'study_id', 'file_name', 'ecg_time', 'path'] as const;
const TABLE = 'record_list.csv';

const plan: PartPlan<Planted> = {
  dataset: 'mimic-iv-ecg',
  version: 2,
  table: TABLE,
  owned: /^(files(\/p\d{4}(\/p\d+(\/s\d+(\/\d+\.(dat|hea))?)?)?)?|record_list\.csv)$/,
  planted: PLANTED_MIMIC_IV_ECG,
  async write(folder, records, step) {
    const rows: ReturnType<typeof tableRow>[] = [];
    for (const record of records) {
      const row = tableRow(record);
      writeRecord(join(folder, row.path), record);
      rows.push(row);
      await step();
    }
    return {
      recordIds: rows.map((row) => row.study_id),
      writeTable: () => writeCsv(join(folder, TABLE), COLUMNS, rows),
    };
  },
};

/**
 * Writes synthetic ECGs in MIMIC-IV-ECG's format: `record_list.csv`, and WFDB records of format 16, 200 units a mV, in nested
 * folders.
 *
 * With its traps: aVF stands before aVL, some records hold invalid samples, one has a single lead without signal, which
 * is no reason to reject it, and one that is listed is not there, one cut short.
 *
 * @param folder where it goes; an earlier part there is replaced
 */
export function writeSyntheticMimicIvEcg(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort> {
  return writeSyntheticPart(folder, plan, options);
}

function tableRow({ number, patient }: PartRecord<Planted>) {
  const subject = String(10_000_000 + 250_007 * patient.patientId);
  const study = String(40_000_000 + 61_813 * number);
  const time = new Date(Date.UTC(2150, 0, 1, 8) + number * 31 * 3_600_000);
  return {
    subject_id: subject,
    study_id: study,
    file_name: study,
    ecg_time: time.toISOString().slice(0, 19).replace('T', ' '),
    path: `files/p${subject.slice(0, 4)}/p${subject}/s${study}/${study}`,
  };
}

function writeRecord(path: string, record: PartRecord<Planted>): void {
  const { fault, source } = record;
  const sampled = record.sample({ fsHz: 500, samples: SAMPLES, gainPerMv: GAIN_PER_MV });
  breakSignal(sampled, fault, GAIN_PER_MV);
  let leads: readonly string[] = LEADS;
  const adc = leads.map((lead) => sampled[UPPER_CASE.indexOf(lead.toUpperCase())]);
  if (fault === 'not-a-number') adc[1].fill(INVALID_SAMPLE, 700, 760);
  if (source % 20 === 0) adc[11].fill(0); // V6 alone is without signal
  if (fault === 'no-samples') adc.fill(new Int16Array(0));
  if (fault === 'too-short') for (const [i, lead] of adc.entries()) adc[i] = lead.slice(0, 10);
  if (fault === 'ambiguous-lead') {
    leads = [...leads, 'II'];
    adc.push(new Int16Array(SAMPLES));
  }
  if (fault === 'missing-lead') {
    leads = leads.slice(0, 11);
    adc.pop();
  }
  const fsHz = fault === 'implausible-rate' ? 0.5 : 500; // kHz, where the header has Hz
  const gainPerMv = fault === 'implausible-amplitude' ? 1 : GAIN_PER_MV;
  writeWfdbRecord(path, { fsHz, leads, adc, gainPerMv });
  if (fault === 'missing-file') rmSync(`${path}.hea`);
  if (fault === 'unreadable') truncateSync(`${path}.dat`, 2 * leads.length * (SAMPLES - 411));
  if (fault === 'not-a-voltage') {
    writeFileSync(`${path}.hea`, readFileSync(`${path}.hea`, 'utf8').replaceAll('/mV', '/mmHg'));
  }
}
