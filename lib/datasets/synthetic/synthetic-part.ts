import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { withoutPart } from '../../io/own-folder';
import { type RandomStream, randomStream } from '../../random';
import {
  type CohortNote,
  DEFAULT_SEED,
  type Fault,
  finishCohort,
  NOTE_FILE,
  presentCohort,
  type SyntheticCohort,
  type SyntheticCohortOptions,
} from './cohort-note';
import { synthesiseVisit } from './synthesise-visit';
import { drawPatient, drawVisit, type SyntheticPatient, type Visit } from './synthetic-patient';

/** An ECG of a part, before it is sampled. */
export interface PartRecord<Planted extends Fault> {
  /** From 1: records of one patient follow each other. */
  readonly number: number;
  readonly patient: SyntheticPatient;
  readonly visit: Visit;
  /** Which of its patient's ECGs, from 0. */
  readonly nth: number;
  /** Number of the record whose signal it has: its own, or of a duplicate the one before. What varies goes by it. */
  readonly source: number;
  /** How it is broken; the record before a duplicate is whole and of the same patient. */
  readonly fault: Planted | undefined;
  /** Samples its signal, whole: ADC units, a lead each, in the order of `SYNTHETIC_LEADS`. */
  sample(options: { readonly fsHz: number; readonly samples: number; readonly gainPerMv: number }): Int16Array[];
}

/** How the part of the cohort in one publisher's format is written. */
export interface PartPlan<Planted extends Fault> {
  /** The dataset whose format it has; names the random streams, so that each part has patients of its own. */
  readonly dataset: string;
  /** Goes up when equal seeds give other bytes. */
  readonly version: number;
  /** The file that is written last: a folder that has it is whole. */
  readonly table: string;
  /** Paths in the folder, with `/`, that belong to a part: they are removed before another is written. */
  readonly owned: RegExp;
  /** Broken records by reason. */
  readonly planted: Readonly<Record<Planted, number>>;
  /** Most ECGs of a patient; default 4. */
  readonly ecgsPerPatient?: number;
  /**
   * Writes the signals.
   *
   * @param records in order
   * @param step awaited after every record
   * @returns the id of each record, and what writes the table
   */
  write(
    folder: string,
    records: readonly PartRecord<Planted>[],
    step: () => Promise<void>,
  ): Promise<{ readonly recordIds: readonly string[]; writeTable?(): void }>;
}

/**
 * Writes the part of the cohort that a plan describes: signals, then the note, then the table.
 *
 * Equal seeds give equal bytes; a part that is there is not written again.
 */
export async function writeSyntheticPart<Planted extends Fault>(
  folder: string,
  plan: PartPlan<Planted>,
  options: SyntheticCohortOptions = {},
): Promise<SyntheticCohort> {
  const { ecgs = 40, seed = DEFAULT_SEED, onProgress, signal } = options;
  const { dataset, version, table, owned } = plan;
  const present = presentCohort(folder, { dataset, version, seed, ecgs, table, owned });
  if (present !== undefined) return { ...present, existed: true };
  const old = readdirSync(folder).filter((name) => owned.test(withoutPart(name)) || name === NOTE_FILE);
  for (const name of old) rmSync(join(folder, name), { recursive: true });

  const reasons = Object.keys(plan.planted) as Planted[];
  const total = reasons.reduce((sum, reason) => sum + plan.planted[reason], ecgs);
  const faults = placeFaults(plan.planted, total, randomStream(seed, 'synthetic', dataset, 'planted'));
  const records = drawRecords(faults, { dataset, seed, ecgsPerPatient: plan.ecgsPerPatient ?? 4 });
  let done = 0;
  signal?.throwIfAborted();
  const { recordIds, writeTable } = await plan.write(folder, records, async () => {
    onProgress?.({ done: ++done, total });
    if (done % 16 === 0) await setImmediate();
    signal?.throwIfAborted();
  });
  const planted = Object.fromEntries(
    reasons.map((reason) => [reason, recordIds.filter((_, i) => records[i].fault === reason)]),
  );
  const patients = new Set(records.map(({ patient }) => patient)).size;
  const note: CohortNote = { version, seed, ecgs, records: total, patients, planted };
  finishCohort(folder, note, writeTable);
  return { ...note, existed: false };
}

/** The fault of each record, at random places; before a duplicate is a whole one. */
function placeFaults<Planted extends Fault>(
  planted: Readonly<Record<Planted, number>>,
  total: number,
  stream: RandomStream,
): (Planted | undefined)[] {
  const faults = new Array<Planted | undefined>(total).fill(undefined);
  const taken = new Uint8Array(total);
  const order = stream.shuffled(Array.from({ length: total }, (_, i) => i));
  const reasons = Object.keys(planted) as Planted[];
  const duplicatesFirst = reasons.sort((a, b) => Number(b === 'duplicate') - Number(a === 'duplicate'));
  for (const reason of duplicatesFirst) {
    for (let k = 0; k < planted[reason]; k++) {
      const place = order.find((i) => !taken[i] && (reason !== 'duplicate' || (i > 0 && !taken[i - 1])))!;
      faults[place] = reason;
      taken[place] = 1;
      if (reason === 'duplicate') taken[place - 1] = 1;
    }
  }
  return faults;
}

function drawRecords<Planted extends Fault>(
  faults: readonly (Planted | undefined)[],
  { dataset, seed, ecgsPerPatient }: { dataset: string; seed: number; ecgsPerPatient: number },
): PartRecord<Planted>[] {
  const records: PartRecord<Planted>[] = [];
  const add = (patient: SyntheticPatient, visit: Visit, { nth, source }: { nth: number; source: number }) => {
    const fault = faults[records.length];
    records.push({
      number: records.length + 1,
      patient,
      visit,
      nth,
      source,
      fault,
      sample: (options) =>
        synthesiseVisit({ patient, visit }, randomStream(seed, 'synthetic', dataset, 'ecg', source), options),
    });
  };
  for (let id = 1; records.length < faults.length; id++) {
    const stream = randomStream(seed, 'synthetic', dataset, 'patient', id);
    const patient = drawPatient(id, stream);
    let nth = 0;
    for (let i = 0; i < Math.min(patient.ecgs, ecgsPerPatient) && records.length < faults.length; i++) {
      const visit = drawVisit(patient, stream);
      const source = records.length + 1;
      add(patient, visit, { nth: nth++, source });
      if (faults[records.length] === 'duplicate') add(patient, visit, { nth: nth++, source });
    }
  }
  return records;
}
