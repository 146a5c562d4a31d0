import { join } from 'node:path';
import { SUPERCLASSES } from '../datasets/superclass';
import { FormatError } from '../errors';
import { readCsv } from '../io/csv';
import { TASKS, type Task } from '../metrics/tasks';
import type { PublishedTables } from './published-tables';

/** How many records of PTB-XL 1.0.1 have each diagnostic statement, of any likelihood. */
export const STATEMENTS_FILE = 'ptb-xl-1.0.1-statements.csv';

/**
 * The split that the paper's figures imply: its 50 % of the training labels are 9,806 ECGs (section 4.3), so all are
 * 19,612; PTB-XL has 21,799.
 */
const HALF_OF_TRAINING = 9806;
const RELEASE = 21_799;

/** A figure that a rule gives, beside what the paper prints. */
export interface RuleCell {
  readonly task: Task;
  readonly printed: number;
  /** Undefined where it cannot be counted from what is there. */
  readonly derived: number | undefined;
  readonly agrees: boolean | undefined;
}

/** How a row of the paper's Table 7, or a sentence of its section 3.1, comes about. */
export interface Table7Rule {
  /** The paper's words, such as '#Sample'. */
  readonly figure: string;
  readonly rule: string;
  readonly cells: readonly RuleCell[];
  /** What is left open. */
  readonly remark: string | undefined;
}

/**
 * Derives the figures of the paper's Table 7, and of the sentence about its labels, from what is published.
 *
 * @param options.published the paper's tables
 * @param options.statements records of PTB-XL 1.0.1 by superclass, summed over its statements (`readStatementSums`)
 * @param options.records records with a statement of a likelihood > 0, counted here; undefined where PTB-XL is not here
 * @param options.graded whether the likelihoods here are the publisher's (`countStatements`); undefined where unknown
 */
export function table7Rules(options: {
  readonly published: Pick<PublishedTables, 'table-7'>;
  readonly statements: Readonly<Record<Task, number>>;
  readonly records: Readonly<Record<Task, number>> | undefined;
  readonly graded: boolean | undefined;
}): Table7Rule[] {
  const { published, statements, records, graded } = options;
  const printed = (column: string) => (task: Task) =>
    published['table-7'].rows.find(({ label }) => label.printed === task)![column].value!;
  const ratio = printed('case_ratio');
  const tested = impliedTestSize(TASKS.map(ratio));
  const cases = (task: Task) => Math.round(ratio(task) * tested.size);
  const cells = (print: (task: Task) => number, derive: (task: Task) => number | undefined): RuleCell[] =>
    TASKS.map((task) => {
      const [given, derived] = [print(task), derive(task)];
      return { task, printed: given, derived, agrees: derived === undefined ? undefined : derived === given };
    });
  const testSet = `${words(tested.size)} test ECGs, ${TASKS.map(cases).join(' / ')} of them cases`;
  return [
    {
      figure: '#Sample',
      rule: 'Diagnostic statements of PTB-XL 1.0.1, summed by superclass: an ECG with three of them counts thrice.',
      cells: cells(printed('samples'), (task) => statements[task]),
      remark: `Their sum, ${words(sum(statements))}, is what section 3.1 calls ECG samples.`,
    },
    {
      figure: '#Patients',
      rule: 'ECGs with a diagnostic statement of the superclass whose likelihood is above 0, in PTB-XL 1.0.3. Not patients.',
      cells: cells(printed('patients'), (task) => (graded === false ? undefined : records?.[task])),
      remark: recordsRemark(records, graded),
    },
    {
      figure: 'Case ratio',
      rule: `Cases among the test ECGs: ${testSet}.`,
      cells: cells(ratio, (task) => Number((cases(task) / tested.size).toFixed(4))),
      remark: `${words(tested.size)} is ${words(RELEASE - tested.dropped)} - 2 x ${words(HALF_OF_TRAINING)} (section 4.3: half of the training ECGs) if ${tested.dropped} of the ${words(RELEASE)} ECGs were dropped, and the only number from ${words(tested.alone[0])} to ${words(tested.alone[1])} that gives all four ratios. So the split is about 90 to 10, not PTB-XL’s fold 10 of 2,198.`,
    },
    {
      figure: 'labels in section 3.1',
      rule: 'Case ratio x statements; for STTC and CD the ratio in whole percent (24 %, 22 %).',
      cells: cells(
        (task) => SECTION_3_1[task],
        (task) => labelsOf(task, { ratio: ratio(task), statements: statements[task] }),
      ),
      remark:
        'Shares of a count of statements are no number of labels; the 8,000 patients there come from no rule we found.',
    },
  ];
}

/** Section 3.1: 'the number of labels in each class being ...'. */
const SECTION_3_1: Readonly<Record<Task, number>> = { MI: 1738, STTC: 1389, CD: 1269, HYP: 341 };

/** As the paper seems to have multiplied: cut where it took whole percents, rounded where not. */
function labelsOf(task: Task, { ratio, statements }: { ratio: number; statements: number }): number {
  const percent = task === 'STTC' || task === 'CD';
  return percent ? Math.floor((Math.round(ratio * 100) * statements) / 100) : Math.round(ratio * statements);
}

function recordsRemark(records: Readonly<Record<Task, number>> | undefined, graded: boolean | undefined): string {
  if (records === undefined) return 'PTB-XL is not here to be counted.';
  if (graded === false) {
    const ofAny = TASKS.map((task) => words(records[task])).join(' / ');
    return `It cannot be checked here: the statements are not the publisher’s, but rebuilt from its superclasses, all with likelihood 100. Of any likelihood there are ${ofAny} ECGs, more than the paper’s by those whose only statement has likelihood 0, most of them STTC, and by the dozen that it dropped.`;
  }
  return 'What remains of a difference may be the dozen ECGs that the paper dropped without saying which.';
}

interface TestSize {
  readonly size: number;
  readonly dropped: number;
  /** First and last number of ECGs between which no other gives the ratios. */
  readonly alone: readonly [number, number];
}

/** The size of a test set in which every ratio is a whole number of cases, nearest to what the paper's training set leaves. */
function impliedTestSize(ratios: readonly number[]): TestSize {
  const gives = (size: number) =>
    ratios.every((ratio) => (Math.round(ratio * size) / size).toFixed(4) === ratio.toFixed(4));
  const left = RELEASE - 2 * HALF_OF_TRAINING;
  let size = left;
  while (size > 0 && !gives(size)) size--;
  let [low, high] = [size - 1, size + 1];
  while (low > 0 && !gives(low)) low--;
  while (!gives(high)) high++;
  return { size, dropped: left - size, alone: [low + 1, high - 1] };
}

/**
 * Sums `ptb-xl-1.0.1-statements.csv` by superclass.
 *
 * @param folder `paper-tables/published` of the repository
 * @throws MissingFileError when it is not there; FormatError when a count is no number
 */
export function readStatementSums(folder: string): Record<Task, number> {
  const file = join(folder, STATEMENTS_FILE);
  const sums = Object.fromEntries(TASKS.map((task) => [task, 0])) as Record<Task, number>;
  for (const [i, row] of readCsv(file, { columns: ['statement', 'superclass', 'records'] }).entries()) {
    const where = { file, row: i + 1, key: row.statement };
    if (!/^\d+$/.test(row.records)) {
      throw new FormatError('records', { expected: 'a whole number', actual: `'${row.records}'`, where });
    }
    if (!(SUPERCLASSES as readonly string[]).includes(row.superclass)) {
      throw new FormatError('superclass', { expected: SUPERCLASSES.join(', '), actual: `'${row.superclass}'`, where });
    }
    if (row.superclass !== 'NORM') sums[row.superclass as Task] += Number(row.records);
  }
  return sums;
}

function sum(counts: Readonly<Record<Task, number>>): number {
  return TASKS.reduce((total, task) => total + counts[task], 0);
}

function words(count: number): string {
  return count.toLocaleString('en-US');
}
