import { FormatError } from '../errors';
import { readParquet, writeParquet } from '../io/parquet';
import { TASKS } from '../metrics/tasks';
import type { EncoderRisk } from './risk-of-all-tasks';
import type { TaskRisk } from './task-risk';

const COLUMNS = [
  'task',
  'set',
  'record_id',
  'patient_id',
  'label',
  'supervised',
  'fitted',
  'held_out',
  'split',
  'c',
  'prior_log_odds',
] as const;

/**
 * Writes the subsets of an encoder's risk decomposition by record id, with all logits, as Parquet.
 *
 * A row a task, set (`train`: B_tr, `test`: B_te) and record. `supervised` and `held_out` are NaN and `split` is -1 for
 * test records. `c` is that of the probe behind `held_out`; for test records that of the probe behind `fitted`, which is
 * one for both sets.
 *
 * @throws StorageError when the disk refuses
 */
export async function writeRiskFile(path: string, risk: EncoderRisk): Promise<void> {
  const rows = TASKS.flatMap((task) => {
    const { train, C, priorLogOdds } = risk[task];
    const rowsOf = (set: 'train' | 'test') => {
      const { recordIds, patientIds, labels, fitted } = risk[task][set];
      return recordIds.map((id, i) => ({ task, set, id, patient: patientIds[i], label: labels[i], fitted: fitted[i] }));
    };
    return [
      ...rowsOf('train').map((row, i) => {
        const { supervised, heldOut, split } = train;
        return { ...row, supervised: supervised[i], heldOut: heldOut[i], split: split[i], C: train.C[i], priorLogOdds };
      }),
      ...rowsOf('test').map((row) => ({ ...row, ...NOT_IN_TEST, C, priorLogOdds })),
    ];
  });
  const numbers = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of);
  await writeParquet(path, [
    { name: 'task', type: 'STRING', values: rows.map(({ task }) => task) },
    { name: 'set', type: 'STRING', values: rows.map(({ set }) => set) },
    { name: 'record_id', type: 'STRING', values: rows.map(({ id }) => id) },
    { name: 'patient_id', type: 'STRING', values: rows.map(({ patient }) => patient) },
    { name: 'label', type: 'INT32', values: numbers(({ label }) => label) },
    { name: 'supervised', type: 'DOUBLE', values: numbers(({ supervised }) => supervised) },
    { name: 'fitted', type: 'DOUBLE', values: numbers(({ fitted }) => fitted) },
    { name: 'held_out', type: 'DOUBLE', values: numbers(({ heldOut }) => heldOut) },
    { name: 'split', type: 'INT32', values: numbers(({ split }) => split) },
    { name: 'c', type: 'DOUBLE', values: numbers(({ C }) => C) },
    { name: 'prior_log_odds', type: 'DOUBLE', values: numbers(({ priorLogOdds }) => priorLogOdds) },
  ]);
}

const NOT_IN_TEST = { supervised: Number.NaN, heldOut: Number.NaN, split: -1 };

/**
 * Reads what `writeRiskFile` wrote.
 *
 * @throws MissingFileError when there is no file; FormatError when it is damaged or lacks a task
 */
export async function readRiskFile(path: string): Promise<EncoderRisk> {
  const columns = await readParquet(path, { columns: COLUMNS });
  const risks = TASKS.map((task): [string, TaskRisk] => {
    const at = (set: 'train' | 'test') => {
      const rows = [...columns.task.keys()].filter((row) => columns.task[row] === task && columns.set[row] === set);
      if (rows.length > 0) return rows;
      throw new FormatError('risk file', {
        expected: `records of ${task}, ${set}`,
        actual: 'none',
        where: { file: path },
      });
    };
    const [train, test] = [at('train'), at('test')];
    const texts = (rows: readonly number[], name: (typeof COLUMNS)[number]) =>
      rows.map((row) => String(columns[name][row]));
    const numbers = (rows: readonly number[], name: (typeof COLUMNS)[number]) => {
      return Float64Array.from(rows, (row) => columns[name][row] as number);
    };
    const records = (rows: readonly number[]) => ({
      recordIds: texts(rows, 'record_id'),
      patientIds: texts(rows, 'patient_id'),
      labels: Uint8Array.from(numbers(rows, 'label')),
      fitted: numbers(rows, 'fitted'),
    });
    return [
      task,
      {
        train: {
          ...records(train),
          supervised: numbers(train, 'supervised'),
          heldOut: numbers(train, 'held_out'),
          split: Uint16Array.from(numbers(train, 'split')),
          C: numbers(train, 'c'),
        },
        test: records(test),
        C: columns.c[test[0]] as number,
        priorLogOdds: columns.prior_log_odds[test[0]] as number,
      },
    ];
  });
  return Object.fromEntries(risks) as unknown as EncoderRisk;
}
