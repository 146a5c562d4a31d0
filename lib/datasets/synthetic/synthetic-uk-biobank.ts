import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ukBiobankXml } from '../../io/write-uk-biobank-xml';
import { breakSignal } from './break-signal';
import { NOTE_FILE, type SyntheticCohort, type SyntheticCohortOptions } from './cohort-note';
import { storedZip } from './stored-zip';
import { SYNTHETIC_LEADS } from './synthetic-ecg';
import { type PartPlan, type PartRecord, writeSyntheticPart } from './synthetic-part';

/** Broken records of the part in UK Biobank's format. */
export const PLANTED_UK_BIOBANK = {
  unreadable: 2,
  'missing-lead': 1,
  'implausible-rate': 1,
  'no-signal': 1,
  clipped: 1,
  'implausible-amplitude': 1,
  duplicate: 1,
} as const;

type Planted = keyof typeof PLANTED_UK_BIOBANK;

const UV_PER_LSB = 5;
const GAIN_PER_MV = 1000 / UV_PER_LSB;
/** How files spell the leads. */
const SPELLINGS: readonly ((lead: string) => string)[] = [
  (lead) => lead.replace(/^AV/, 'aV'),
  (lead) => lead,
  (lead) => lead.toLowerCase(),
];

const plan: PartPlan<Planted> = {
  dataset: 'uk-biobank',
  version: 1,
  table: NOTE_FILE, // the publisher has none
  owned: /^\d+_20205_\d+_\d+\.(xml|zip)$/,
  planted: PLANTED_UK_BIOBANK,
  async write(folder, records, step) {
    mkdirSync(folder, { recursive: true });
    const recordIds: string[] = [];
    for (const record of records) {
      const { patient, nth, number, fault } = record;
      const eid = 1_000_000 + 4_801 * patient.patientId;
      const id = `${eid}_20205_${2 + (nth >> 1)}_${nth & 1}`; // two imaging visits, each with one ECG or more
      const xml = Buffer.from(documentOf(record), 'latin1');
      const zipped = number % 7 === 0;
      const bytes = zipped ? storedZip(`${id}.xml`, xml) : xml;
      const kept = fault === 'unreadable' ? bytes.subarray(0, Math.floor(0.7 * bytes.length)) : bytes;
      writeFileSync(join(folder, `${id}.${zipped ? 'zip' : 'xml'}`), kept); // the note comes last, synced
      recordIds.push(id);
      await step();
    }
    return { recordIds };
  },
};

/**
 * Writes synthetic ECGs in the format of UK Biobank's field 20205: an XML document each, ISO-8859-1, 5 uV a unit; every
 * seventh inside a zip archive of its own.
 *
 * With its traps: the case of lead names varies, and `StripData` is inside `Strip` in some.
 *
 * @param folder where it goes; an earlier part there is replaced
 */
export function writeSyntheticUkBiobank(folder: string, options?: SyntheticCohortOptions): Promise<SyntheticCohort> {
  return writeSyntheticPart(folder, plan, options);
}

function documentOf(record: PartRecord<Planted>): string {
  const { fault, source } = record;
  const adc = record.sample({ fsHz: 500, samples: 5000, gainPerMv: GAIN_PER_MV });
  breakSignal(adc, fault, GAIN_PER_MV);
  const present = fault === 'missing-lead' ? 11 : 12;
  return ukBiobankXml({
    fsHz: fault === 'implausible-rate' ? 0.5 : 500, // kHz, where the file has Hz
    leads: SYNTHETIC_LEADS.slice(0, present).map(SPELLINGS[source % SPELLINGS.length]),
    adc: adc.slice(0, present),
    uvPerLsb: fault === 'implausible-amplitude' ? 1000 * UV_PER_LSB : UV_PER_LSB, // nV
    strip: source % 4 === 0,
  });
}
