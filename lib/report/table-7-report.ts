import { TASKS, type Task } from '../metrics/tasks';
import type { PublishedTables } from './published-tables';
import { type Table7Rule, table7Rules } from './table-7-rule';

/** What is counted of a superclass in the labelled dataset. */
export interface LabelCounts {
  readonly task: Task;
  /** Diagnostic statements of the superclass; undefined where the publisher's table is not here or was rebuilt. */
  readonly statements: number | undefined;
  /** ECGs with a statement of a likelihood > 0. */
  readonly records: number;
  /** Patients of these ECGs. */
  readonly patients: number;
  /** Of these ECGs those in the test split. */
  readonly testCases: number;
}

/** The labelled dataset. */
export interface LabelledDescription {
  readonly labels: readonly LabelCounts[];
  readonly testRecords: number;
  /** Which ECGs are for testing, in words, such as `fold 10`. */
  readonly testName: string;
  readonly synthetic: boolean;
  /** Whether the likelihoods are the publisher's; undefined where its table is not here. */
  readonly graded: boolean | undefined;
  readonly leads: number;
  /** As published; the commonest. */
  readonly fsHz: number;
  readonly durationS: number;
}

/** Columns of Table 7 with what they count in their names, and the paper's column, which often says something else. */
export const TABLE_7_COLUMNS = [
  { column: 'statements', heading: 'Statements', paper: 'samples', printedAs: '#Sample' },
  { column: 'records', heading: 'ECGs', paper: 'patients', printedAs: '#Patients' },
  { column: 'patients', heading: 'Patients', paper: undefined, printedAs: undefined },
  { column: 'case_ratio', heading: 'Case ratio in the test split', paper: 'case_ratio', printedAs: 'Case ratio' },
  { column: 'leads', heading: 'Leads', paper: 'leads', printedAs: '#Leads' },
  { column: 'length', heading: 'Samples a lead', paper: 'length', printedAs: 'Length' },
  { column: 'duration_s', heading: 'Duration (s)', paper: 'duration_s', printedAs: 'Duration(s)' },
  { column: 'sampling_rate_hz', heading: 'Rate (Hz)', paper: 'sampling_rate_hz', printedAs: 'Sampling Rate(Hz)' },
] as const;

export type Table7Column = (typeof TABLE_7_COLUMNS)[number]['column'];

/** A figure of Table 7. */
export interface Table7Cell {
  readonly task: Task;
  readonly column: Table7Column;
  /** Ours; undefined where it cannot be counted. */
  readonly value: number | undefined;
  readonly paper: number | undefined;
  /** Ours minus the paper's; undefined without either, and for counts of simulated ECGs. */
  readonly difference: number | undefined;
}

/** Table 7: the labels, ours beside the paper's, and how the paper's come about. */
export interface Table7Report {
  readonly cells: readonly Table7Cell[];
  readonly rules: readonly Table7Rule[];
  /** Why figures differ, a sentence each. */
  readonly notes: readonly string[];
  readonly synthetic: boolean;
}

/**
 * Makes Table 7: statements, ECGs and patients of each superclass in columns of their own, where the paper has statements
 * under '#Sample' and ECGs under '#Patients'.
 *
 * @param own the labelled dataset of the profile
 * @param options.published the paper's tables
 * @param options.statements sums of the statements of PTB-XL 1.0.1 (`readStatementSums`)
 */
export function table7Report(
  own: LabelledDescription,
  options: {
    readonly published: Pick<PublishedTables, 'table-7'>;
    readonly statements: Readonly<Record<Task, number>>;
  },
): Table7Report {
  const { published, statements } = options;
  const { testRecords, leads, fsHz, durationS, synthetic, graded } = own;
  const cells = own.labels.flatMap((label) => {
    const printed = published['table-7'].rows.find((row) => row.label.printed === label.task)!;
    const values: Readonly<Record<Table7Column, number | undefined>> = {
      statements: label.statements,
      records: label.records,
      patients: label.patients,
      case_ratio: label.testCases / testRecords,
      leads,
      length: Math.round(fsHz * durationS),
      duration_s: durationS,
      sampling_rate_hz: fsHz,
    };
    return TABLE_7_COLUMNS.map(({ column, paper: name }): Table7Cell => {
      const value = values[column];
      const paper = name === undefined ? undefined : printed[name].value;
      const counted = ['statements', 'records', 'patients', 'case_ratio'].includes(column);
      const comparable = value !== undefined && paper !== undefined && !(synthetic && counted);
      return { task: label.task, column, value, paper, difference: comparable ? value - paper : undefined };
    });
  });
  const counted = (of: keyof Pick<LabelCounts, 'records' | 'statements'>) =>
    Object.fromEntries(own.labels.map((label) => [label.task, label[of]])) as Record<Task, number>;
  const records = synthetic ? undefined : counted('records');
  return { cells, rules: table7Rules({ published, statements, records, graded }), notes: notesOf(own), synthetic };
}

function notesOf({ labels, testRecords, testName, fsHz, synthetic, graded }: LabelledDescription): string[] {
  const cases = TASKS.map((task) => labels.find((label) => label.task === task)!.testCases).join(' / ');
  return [
    'The paper’s #Sample counts statements and its #Patients counts ECGs; it does not print patients. An ECG may have several superclasses, or none.',
    `The case ratio is that of the test split, here ${testName}: ${cases} of ${testRecords.toLocaleString('en-US')} ECGs. The paper’s test set is another one, which it does not publish.`,
    ...(synthetic ? ['The ECGs are simulated: these counts say nothing of PTB-XL.'] : []),
    ...(graded === undefined
      ? ['Statements are counted in the publisher’s ptbxl_database.csv, which is not under data/raw.']
      : []),
    ...(graded === false && !synthetic
      ? [
          'Statements cannot be counted here: in this ptbxl_database.csv every diagnostic likelihood is 0 or 100, so its statements were rebuilt from superclasses.',
        ]
      : []),
    ...(fsHz === 500
      ? []
      : [`Read from the files at ${fsHz} Hz; the paper’s 5,000 samples a lead are those of the files at 500 Hz.`]),
  ];
}
