import type { FileTree } from '../io/file-tree';
import { readWfdbRecord } from '../io/wfdb';
import type { DatasetOptions, DatasetRow } from './dataset';
import type { EcgRecord } from './ecg-record';
import { leadNamed } from './lead-names';
import { signalInMillivolts } from './millivolts';

/** Where a WFDB record belongs, and how it is read. */
export interface WfdbEcgSource extends Pick<DatasetOptions, 'placeholderChecksums'> {
  /** Name of the dataset. */
  readonly dataset: string;
  readonly files: FileTree;
}

/**
 * Reads an ECG out of a WFDB record: its twelve leads, in millivolts, at the rate of the fastest of them.
 *
 * Other signals are neither read nor checked, whatever their unit, rate or file. A lead with fewer samples a frame than the
 * fastest has each repeated, as `rdsamp -H` does.
 *
 * @throws as `readWfdbRecord`; UnusableSignalError when the unit of a lead is no voltage
 */
export function readWfdbEcg(row: DatasetRow, { dataset, files, placeholderChecksums }: WfdbEcgSource): EcgRecord {
  const { recordId, patientId, file } = row;
  const signals = (name: string) => leadNamed(name) !== undefined;
  const record = readWfdbRecord(file, { files, signals, resolution: 'highest', placeholderChecksums });
  const { fsHz, leads, samples, otherSignals, unverified } = record;
  const signal = signalInMillivolts(record, file);
  return { dataset, recordId, patientId, fsHz, leads, signal, samples, file, otherSignals, unverified };
}
