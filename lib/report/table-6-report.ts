import type { RecordCounts } from '../store/record-counts';
import {
  DATASET_FACTS,
  DATASET_NAMES,
  type DatasetName,
  PAPER_PTB_XL,
  TABLE_6_COLUMNS,
  type Table6Column,
} from './dataset-facts';
import type { PublishedTables } from './published-tables';

/** A dataset, as far as it is there. */
export interface DatasetDescription {
  readonly dataset: DatasetName;
  /** Of the store that was counted, such as `synthetic-ikem`; undefined where the dataset is not there. */
  readonly store: string | undefined;
  /** Its ECGs are simulated, in this dataset's format. */
  readonly synthetic: boolean;
  /** Undefined where the dataset is not there. */
  readonly counts: RecordCounts | undefined;
}

/** A figure of Table 6. */
export interface Table6Cell {
  readonly column: Table6Column;
  /** Ours; undefined where the dataset is not there. */
  readonly value: string | number | undefined;
  /** The paper's; undefined where it has none. */
  readonly paper: string | number | undefined;
  /** Ours minus the paper's; undefined where either is no number, and for counts of simulated ECGs. */
  readonly difference: number | undefined;
}

/** A dataset of Table 6. */
export interface Table6Row extends DatasetDescription {
  readonly title: string;
  readonly cells: readonly Table6Cell[];
  /** Why figures differ, a sentence each: what the publisher says against the paper, then what is particular here. */
  readonly notes: readonly string[];
}

/** Table 6: the datasets, ours beside the paper's. */
export interface Table6Report {
  readonly rows: readonly Table6Row[];
  /** Of the table as a whole. */
  readonly notes: readonly string[];
}

/**
 * Makes Table 6: what the stores hold, beside what the paper prints, each disagreement with its reason.
 *
 * @param datasets those that are there, in any order; the others are shown with the paper's figures alone
 * @param options.published the paper's tables
 */
export function table6Report(
  datasets: readonly DatasetDescription[],
  { published }: { readonly published: Pick<PublishedTables, 'table-6'> },
): Table6Report {
  const rows = DATASET_NAMES.map((name): Table6Row => {
    const absent = { dataset: name, store: undefined, synthetic: false, counts: undefined };
    const description = datasets.find(({ dataset }) => dataset === name) ?? absent;
    const paper = paperRow(name, published);
    const own = ownRow(description);
    const cells = TABLE_6_COLUMNS.map((column): Table6Cell => {
      const value = own?.[column];
      const counted = column === 'patients' || column === 'samples';
      const printed = paper[column];
      const comparable = !(description.synthetic && counted);
      const difference =
        comparable && typeof value === 'number' && typeof printed === 'number' ? value - printed : undefined;
      return { column, value, paper: printed, difference };
    });
    return { ...description, title: DATASET_FACTS[name].title, cells, notes: notesOf(description) };
  });
  const simulated = datasets.some(({ synthetic }) => synthetic)
    ? ['Simulated ECGs are in the dataset’s format; how many there are says nothing of the dataset.']
    : [];
  return { rows, notes: [...simulated, ...sumsOf(published)] };
}

type Figures = Readonly<Record<Table6Column, string | number | undefined>>;

function paperRow(name: DatasetName, published: Pick<PublishedTables, 'table-6'>): Figures {
  const row = published['table-6'].rows.find(({ dataset }) => dataset.printed === DATASET_FACTS[name].paper);
  const figures = TABLE_6_COLUMNS.map((column) => {
    const printed = row === undefined ? PAPER_PTB_XL[column] : row[column].printed;
    return [column, printed === '' ? undefined : column === 'country' ? printed : Number(printed)];
  });
  return Object.fromEntries(figures) as Figures;
}

function ownRow({ dataset, synthetic, counts }: DatasetDescription): Figures | undefined {
  if (counts === undefined) return undefined;
  const { country, leads, mvUnit } = DATASET_FACTS[dataset];
  return {
    country: synthetic ? undefined : country,
    patients: counts.patients,
    samples: counts.records,
    leads,
    mv_unit: chosenUnit(counts) ?? mvUnit,
    duration_s: counts.durationS?.commonest,
    sampling_rate_hz: counts.fsHz[0]?.fsHz,
  };
}

/** A scale that was chosen when the dataset was opened. */
function chosenUnit({ choices }: RecordCounts): number | undefined {
  const { microvoltsPerCount } = choices;
  return typeof microvoltsPerCount === 'number' ? microvoltsPerCount / 1000 : undefined;
}

function notesOf({ dataset, synthetic, counts }: DatasetDescription): string[] {
  const { records, remarks } = DATASET_FACTS[dataset];
  const notes = Object.values(remarks);
  if (counts === undefined) return notes;
  if (!synthetic && records !== undefined && counts.records !== records) {
    const [here, whole] = [counts.records, records].map((count) => count.toLocaleString('en-US'));
    notes.push(`Here are ${here} records of the release’s ${whole}.`);
  }
  const { durationS, fsHz, choices } = counts;
  if (choices.scaleCheck !== undefined) {
    const { microvoltsPerCount, scaleCheck, leadOrder, leadCheck } = choices;
    notes.push(`Here a count is ${microvoltsPerCount} µV (${scaleCheck}), the order ${leadOrder} (${leadCheck}).`);
  }
  if (dataset === 'ptb-xl' && fsHz[0]?.fsHz === 100) {
    notes.push(
      'Read from the publisher’s files at 100 Hz (1,000 samples); the paper’s 5,000 samples are those at 500 Hz.',
    );
  }
  if (durationS !== undefined && durationS.shortest !== durationS.longest) {
    notes.push(
      `Here a record lasts ${durationS.shortest} to ${durationS.longest} s, most often ${durationS.commonest} s.`,
    );
  }
  if (fsHz.length > 1) notes.push(`Here the rates are ${fsHz.map((rate) => `${rate.fsHz} Hz`).join(', ')}.`);
  return notes;
}

function sumsOf(published: Pick<PublishedTables, 'table-6'>): string[] {
  const sum = (column: string) => {
    const values = published['table-6'].rows.map((row) => row[column].value ?? 0);
    return values.reduce((total, value) => total + value, 0).toLocaleString('en-US');
  };
  return [
    `The paper’s ${sum('samples')} ECGs of ${sum('patients')} patients (section 3.1) are the sums of its rows, with the 1,959 of SAMI.`,
  ];
}
