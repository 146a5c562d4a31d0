import { countStatements, type StatementCounts } from '../datasets/statement-counts';
import { ArgumentError } from '../errors';
import { TASKS } from '../metrics/tasks';
import { PRETRAINING_METHODS } from '../pretrain/method';
import type { Figure } from '../report/figure';
import { modelNameOf } from '../report/probed-model';
import { SYNTHETIC_NOTE } from '../report/provenance';
import { studyFigure } from '../report/study-figure';
import { table6CellsCsv, table6Csv } from '../report/table-6-csv';
import { type DatasetDescription, type Table6Report, table6Report } from '../report/table-6-report';
import { table7CellsCsv, table7Csv, table7RuleCsv } from '../report/table-7-csv';
import { type LabelledDescription, type Table7Report, table7Report } from '../report/table-7-report';
import { readStatementSums } from '../report/table-7-rule';
import { writeFigure } from '../report/write-figure';
import { writeTableTexts } from '../report/write-table-texts';
import { countRecords } from '../store/record-counts';
import { hashOf } from './canonical-json';
import { isOwn, SPLITS, type Split, subsetName } from './cohort';
import { datasetFolders } from './dataset-folders';
import { describeSplits, type SplitDescription } from './describe-splits';
import type { StudyContext } from './study-context';

/** The cohorts of a study: Tables 6 and 7, Figure 1, and what they are made of. */
export interface DataDescription {
  /** The six datasets, as far as they are there. */
  readonly datasets: readonly DatasetDescription[];
  /** The labels of the dataset that the profile learns from. */
  readonly labelled: LabelledDescription;
  readonly splits: readonly SplitDescription[];
  readonly table6: Table6Report;
  readonly table7: Table7Report;
  readonly figure1: Figure;
  /** Writes these of the profile, default all; returns the paths. */
  write(parts?: readonly DataPart[]): Promise<string[]>;
}

export type DataPart = 'table-6' | 'table-7' | 'figure-1';

/**
 * Tables 6 and 7 and Figure 1, from the stores, their manifests, and the publisher's tables where they are there.
 *
 * @throws ArgumentError for a profile on ECGs of one's own, which the paper's tables say nothing about
 */
export async function describeData(context: StudyContext): Promise<DataDescription> {
  const { store, cohort, profile, published } = context;
  const { dataset, pretrain } = profile.data;
  const synthetic = dataset === 'synthetic';
  const own = synthetic ? 'ptb-xl' : dataset;
  const unlabelled = (('datasets' in pretrain && pretrain.datasets) || []).filter(isOfThePaper);
  if (!isOfThePaper(own) || ('datasets' in pretrain && pretrain.datasets?.includes('wfdb-folder'))) {
    const expected = 'a profile on the datasets of the paper alone: its Tables 6 and 7 are about them';
    throw new ArgumentError('dataset', { expected, actual: 'wfdb-folder', where: { key: profile.name } });
  }
  const folders = datasetFolders(context.dataFolder, { synthetic });
  const datasets: DatasetDescription[] = [];
  for (const { dataset, name, store: folder } of folders) {
    if (folder !== undefined) datasets.push({ dataset, store: name, synthetic, counts: await countRecords(folder) });
  }
  const raw = folders.find(({ dataset }) => dataset === own)?.raw;
  const labelled = await describeLabels(context, raw === undefined ? undefined : countStatements(raw));
  const splits = describeSplits(store, cohort, context);
  const statements = readStatementSums(context.publishedFolder);
  const table6 = table6Report(datasets, { published });
  const table7 = table7Report(labelled, { published, statements });
  const figure1 = studyFigure({
    ...procedureOf(context, splits),
    datasets: table6.rows,
    used: [own, ...unlabelled],
    pretrainedOn: [...(isOwn(profile.data.pretrain) ? [own] : []), ...unlabelled],
    synthetic,
  });
  const parts = { datasets, labelled, splits, table6, table7, figure1 };
  return { ...parts, write: (which) => writeDescription(context, parts, which) };
}

function isOfThePaper<Name extends string>(name: Name): name is Exclude<Name, 'wfdb-folder'> {
  return name !== 'wfdb-folder';
}

async function describeLabels(
  { store, cohort, profile }: StudyContext,
  counted: StatementCounts | undefined,
): Promise<LabelledDescription> {
  const { fsHz, durationS } = await countRecords(store.folder);
  const labels = TASKS.map((task) => {
    const has = store.labels[task];
    return {
      task,
      statements: counted?.graded ? counted.superclasses[task].statements : undefined,
      records: has.reduce((sum, label) => sum + label, 0),
      patients: new Set(store.patientIds.filter((_, row) => has[row] === 1)).size,
      testCases: cohort.test.reduce((sum, row) => sum + has[row], 0),
    };
  });
  return {
    labels,
    testRecords: cohort.test.length,
    testName: subsetName(profile.data.test),
    synthetic: profile.data.dataset === 'synthetic',
    graded: counted?.graded,
    leads: store.manifest.leads.length,
    fsHz: fsHz[0].fsHz,
    durationS: durationS!.commonest,
  };
}

function procedureOf({ profile }: StudyContext, splits: readonly SplitDescription[]) {
  const sizes = Object.fromEntries(
    SPLITS.map((split) => {
      const rows = splits.filter((one) => one.split === split);
      const sum = (of: 'ecgs' | 'patients') => rows.reduce((total, row) => total + row[of], 0);
      return [split, { ecgs: sum('ecgs'), patients: sum('patients') }];
    }),
  ) as Record<Split, { ecgs: number; patients: number }>;
  const { methods } = profile.pretraining;
  return {
    profile: profile.name,
    ...sizes,
    methods: PRETRAINING_METHODS.map((method) => ({
      model: modelNameOf(method),
      ...methods[method].architecture,
      epochs: methods[method].epochs,
    })),
    lowIncidence: profile.lowIncidence,
    dataUsage: profile.dataUsage.percents,
  };
}

async function writeDescription(
  { outputs, profile }: StudyContext,
  { datasets, table6, table7, figure1 }: Omit<DataDescription, 'write'>,
  which: readonly DataPart[] = ['table-6', 'table-7', 'figure-1'],
): Promise<string[]> {
  const synthetic = profile.data.dataset === 'synthetic';
  const provenance = {
    ...(synthetic ? { note: SYNTHETIC_NOTE } : {}),
    profile: profile.name,
    settings: hashOf(profile),
    synthetic,
    stores: datasets.map(({ store, counts }) => ({ store, manifest: counts?.hash })),
  };
  const json = `${JSON.stringify(provenance, null, 2)}\n`;
  const texts = {
    'table-6': {
      'table-6.csv': table6Csv(table6),
      'table-6-cells.csv': table6CellsCsv(table6),
      'table-6.provenance.json': json,
    },
    'table-7': {
      'table-7.csv': table7Csv(table7),
      'table-7-cells.csv': table7CellsCsv(table7),
      'table-7-rule.csv': table7RuleCsv(table7),
      'table-7.provenance.json': json,
    },
  };
  const written: string[] = [];
  for (const part of which) {
    if (part !== 'figure-1') written.push(...writeTableTexts(outputs.tables, texts[part]));
    else written.push(...Object.values(await writeFigure(figure1, { folder: outputs.figures, name: part })));
  }
  return written;
}
