import { join } from 'node:path';
import { predictLogits } from '../evaluate/predict-logits';
import { TASKS, type Task } from '../metrics/tasks';
import { trackProgress } from '../progress';
import { modelNameOf } from '../report/probed-model';
import type { Provenance } from '../report/provenance';
import type { SeenShare } from '../report/table-2-notes';
import { type Table2Report, table2Report } from '../report/table-2-report';
import type { RiskModel } from '../report/table-2-resampled';
import { writeTable2 } from '../report/write-table-2';
import type { RiskSet, SupervisedLogits } from '../risk/probe-risks';
import { readRiskFile, writeRiskFile } from '../risk/risk-file';
import { riskOfAllTasks } from '../risk/risk-of-all-tasks';
import { type EncoderSpec, encodersOf, encoderTitle } from './encoder-jobs';
import { type FineTuneSpec, fineTuneTitle, supervisedSpecs } from './fine-tune-jobs';
import { labelsOf } from './labelled-splits';
import { readPredictions, writePredictions } from './predictions-file';
import { riskRun, supervisedRun } from './risk-jobs';
import { fineTuneOf, readTrained } from './run-fine-tune';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';
import { keptFeatures } from './study-encoders';

const RISK_FILE = 'risk.parquet';

/** Table 2 of a study: the risks of every encoder, the table, its claims, and where it comes from. */
export interface RiskDecompositionTable extends Table2Report {
  readonly models: readonly RiskModel[];
  readonly provenance: Provenance;
  /** Writes `paper-tables/<profile>/` and `figures/<profile>/`; returns the paths. */
  write(): Promise<string[]>;
}

/** Table 2: four errors and their sum for CL, GL and HL, with the Vision Transformers of Table 3 as what could be reached. */
export async function riskDecomposition(context: StudyContext): Promise<RiskDecompositionTable> {
  const { profile } = context;
  const models: RiskModel[] = [];
  const runs: Run[] = [];
  for (const seed of profile.seeds) {
    for (const spec of encodersOf(profile, seed)) {
      if (spec.method === 'random') continue;
      const { risk, supervised } = await riskOf(context, spec);
      runs.push(risk, supervised);
      models.push({
        model: modelNameOf(spec.method),
        seed,
        runs: [risk.name, supervised.name],
        risk: await readRiskFile(join(risk.folder, RISK_FILE)),
      });
    }
  }
  const report = table2Report(models, {
    ...profile.bootstrap,
    published: context.published,
    pretrainedOnTraining: seenInPretraining(context),
  });
  const provenance = context.provenance(runs);
  return { models, ...report, provenance, write: () => writeTable2(report, { ...context.outputs, provenance }) };
}

/** What the networks trained end to end say of the ECGs that they learnt from: found, or asked now. */
export function supervisedOf(context: StudyContext, specs: readonly FineTuneSpec[]): Promise<Run> {
  return context.compute(supervisedRun(context.basis, specs), (folder) => predictTraining(context, specs, folder));
}

/** The risks of an encoder, and what they compare it with: found, or computed now. */
export async function riskOf(context: StudyContext, spec: EncoderSpec): Promise<{ risk: Run; supervised: Run }> {
  const supervised = await supervisedOf(context, supervisedSpecs(context.profile, spec.architecture));
  const risk = await context.compute(riskRun(context.basis, spec), async (folder) => {
    const { cohort, profile, watch } = context;
    const features = await keptFeatures(context, spec);
    const sets = {
      train: { ...riskSet(context, cohort.train), features: features.train },
      test: { ...riskSet(context, cohort.test), features: features.test },
    };
    const task = `risk of ${encoderTitle(spec)}`;
    const onTask = trackProgress({ task, total: TASKS.length, unit: 'tasks' }, watch);
    const { recordIds, scores } = await readPredictions(supervised.folder);
    const logits: SupervisedLogits<Task> = { recordIds, scores };
    const supervisedPrior = profile.fineTuning.classWeights === 'balanced' ? 'balanced' : 'training';
    const options = { ...profile.risk, supervised: logits, supervisedPrior, signal: watch.signal, onTask } as const;
    const risks = await riskOfAllTasks(sets, options);
    await writeRiskFile(join(folder, RISK_FILE), risks);
  });
  return { risk, supervised };
}

async function predictTraining(context: StudyContext, specs: readonly FineTuneSpec[], folder: string): Promise<void> {
  const { store, cohort, watch } = context;
  const rows = cohort.train;
  const scores: Partial<Record<Task, Float64Array>> = {};
  for (const spec of specs) {
    const classifier = readTrained(await fineTuneOf(context, spec));
    const task = `training ECGs by ${fineTuneTitle(spec)}`;
    const onBatch = trackProgress({ task, total: rows.length, unit: 'ECGs' }, watch);
    try {
      const options = { signal: watch.signal, onBatch };
      Object.assign(scores, await predictLogits(classifier, { source: store, rows }, options));
    } finally {
      classifier.dispose();
    }
  }
  await writePredictions(folder, { ...riskSet(context, rows), scores });
}

function riskSet({ store }: StudyContext, rows: Int32Array): Omit<RiskSet<Task>, 'features'> {
  const ids = (list: readonly string[]) => Array.from(rows, (row) => list[row]);
  return { labels: labelsOf(store, rows), recordIds: ids(store.recordIds), patientIds: ids(store.patientIds) };
}

/** How many of the training ECGs the encoders have seen in pretraining. */
function seenInPretraining({ cohort }: StudyContext): SeenShare {
  const pretrained = new Set(cohort.pretrain);
  const seen = cohort.train.filter((row) => pretrained.has(row)).length;
  return seen === cohort.train.length ? 'all' : seen > 0 ? 'some' : 'none';
}
