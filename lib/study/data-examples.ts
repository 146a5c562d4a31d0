import { join } from 'node:path';
import type { Dataset, DatasetRow } from '../datasets/dataset';
import type { EcgRecord } from '../datasets/ecg-record';
import { DATASETS } from '../datasets/registry';
import { KitError } from '../errors';
import { readCsv } from '../io/csv';
import { DATASET_FACTS, type DatasetName } from '../report/dataset-facts';
import { REJECTION_REASONS, type RejectionReason } from '../signal/quality';
import { readManifest } from '../store/manifest';
import { openStore } from '../store/open-store';
import { type DatasetFolder, datasetFolders } from './dataset-folders';

/** An ECG of a dataset, as its publisher has it and as every model sees it. */
export interface DataExample {
  readonly dataset: DatasetName;
  readonly synthetic: boolean;
  /** Which dataset and which ECG, in words. */
  readonly title: string;
  /** mV, leads by name in the publisher's order. */
  readonly before: EcgRecord;
  /** mV, [lead = 12, sample = 2500], from the store. */
  readonly after: Float32Array;
}

/** A record that a store could not use. */
export interface RejectedExample {
  readonly dataset: DatasetName;
  readonly recordId: string;
  readonly reason: RejectionReason;
  readonly detail: string;
  /** Its signal; undefined where it cannot be read. */
  readonly record: EcgRecord | undefined;
}

/** Both the publisher's files and the store are there. */
type WholeFolder = DatasetFolder & { readonly store: string; readonly raw: string };

/**
 * The first ECG of each dataset whose publisher's files and store are both there; with `synthetic` false, of the others
 * the synthetic cohort's in their format.
 *
 * @param dataFolder holds `raw/` and `standardised/`
 */
export async function dataExamples(
  dataFolder: string,
  { synthetic }: { readonly synthetic: boolean },
): Promise<DataExample[]> {
  const simulated = wholeFolders(dataFolder, { synthetic: true });
  const real = synthetic ? [] : wholeFolders(dataFolder, { synthetic: false });
  const examples: DataExample[] = [];
  for (const dataset of Object.keys(DATASET_FACTS) as DatasetName[]) {
    const folder = [...real, ...simulated].find((one) => one.dataset === dataset);
    if (folder !== undefined) examples.push(await firstEcg(folder));
  }
  return examples;
}

/**
 * For each reason of rejection the first record of the synthetic cohort that was rejected for it; its formats take turns.
 *
 * @param dataFolder holds `raw/` and `standardised/`
 */
export async function rejectedExamples(dataFolder: string): Promise<RejectedExample[]> {
  const folders = wholeFolders(dataFolder, { synthetic: true });
  const tables = folders.map(({ store }) => {
    const table = join(store, readManifest(store).rejectedRows.file);
    return readCsv(table, { columns: ['record_id', 'reason', 'detail'] });
  });
  const taken = folders.map(() => 0);
  const examples: RejectedExample[] = [];
  for (const reason of REJECTION_REASONS) {
    const having = folders.map((_, i) => i).filter((i) => tables[i].some((row) => row.reason === reason));
    if (having.length === 0) continue;
    const turn = having.reduce((a, b) => (taken[b] < taken[a] ? b : a));
    taken[turn]++;
    const { record_id: recordId, detail } = tables[turn].find((row) => row.reason === reason)!;
    const record = await withDataset(folders[turn], (opened) => readIfPossible(opened, recordId));
    examples.push({ dataset: folders[turn].dataset, recordId, reason, detail, record });
  }
  return examples;
}

function wholeFolders(dataFolder: string, options: { readonly synthetic: boolean }): WholeFolder[] {
  return datasetFolders(dataFolder, options).filter(
    (folder): folder is WholeFolder => folder.store !== undefined && folder.raw !== undefined,
  );
}

async function firstEcg(folder: WholeFolder): Promise<DataExample> {
  const { dataset, synthetic } = folder;
  const store = await openStore(folder.store);
  try {
    const [recordId] = store.recordIds;
    const before = await withDataset(folder, (opened) => opened.read(rowOf(opened, recordId)!));
    const title = `${DATASET_FACTS[dataset].title}${synthetic ? ', simulated' : ''}: ECG ${recordId}`;
    return { dataset, synthetic, title, before, after: store.read([0]) };
  } finally {
    store.close();
  }
}

/** Opens the publisher's files as they were opened for the store. */
async function withDataset<Value>(
  { dataset, name, store, raw }: Pick<WholeFolder, 'dataset' | 'name' | 'store' | 'raw'>,
  use: (opened: Dataset) => Value,
): Promise<Value> {
  const format = DATASETS.find((one) => one.name === name) ?? DATASETS.find((one) => one.name === dataset)!;
  const opened = await format.open(raw, readManifest(store).choices);
  try {
    return use(opened);
  } finally {
    opened.close?.();
  }
}

function rowOf({ rows }: Dataset, recordId: string): DatasetRow | undefined {
  return rows.find((row) => row.recordId === recordId);
}

function readIfPossible(opened: Dataset, recordId: string): EcgRecord | undefined {
  const row = rowOf(opened, recordId);
  if (row === undefined) return undefined;
  try {
    return opened.read(row);
  } catch (fault) {
    if (fault instanceof KitError) return undefined;
    throw fault;
  }
}
