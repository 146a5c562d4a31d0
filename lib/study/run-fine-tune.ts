import { join } from 'node:path';
import type { Classifier } from '../evaluate/classifier';
import { readClassifier } from '../evaluate/classifier-file';
import { type FineTuned, fineTune } from '../evaluate/fine-tune';
import type { LabelledEcgs } from '../evaluate/labelled-ecgs';
import { predictLogits } from '../evaluate/predict-logits';
import { resNetClassifier } from '../evaluate/resnet-classifier';
import { vitClassifier } from '../evaluate/vit-classifier';
import { writeSubset } from '../evaluate/write-subset';
import { writeFileWhole } from '../io/whole-file';
import { averagePrecisionScore } from '../metrics/average-precision';
import { rocAucScore } from '../metrics/roc-auc';
import type { Task } from '../metrics/tasks';
import { createEncoder } from '../model/encoder';
import { storeSource } from '../pretrain/ecg-source';
import { WEIGHTS_FILE } from '../pretrain/training-folder';
import { trackProgress } from '../progress';
import { type FineTuneSpec, fineTuneRun, fineTuneTitle, recipeOf } from './fine-tune-jobs';
import { labelSubset } from './label-subset';
import { labelsOf } from './labelled-splits';
import { writePredictions } from './predictions-file';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';
import { encoderOf } from './study-encoders';

const SCORES_FILE = 'scores.json';

/**
 * A network trained on labels and asked about the test ECGs: found, or trained now.
 *
 * The run's folder gets the training's files, `subset.csv` (the ECGs it learnt from), `predictions.parquet` and
 * `scores.json`.
 */
export function fineTuneOf(context: StudyContext, spec: FineTuneSpec): Promise<Run> {
  return context.compute(fineTuneRun(context.basis, spec), async (folder) => {
    const { store, cohort, watch } = context;
    const rows = labelSubset(store, cohort.train, spec);
    const sets = { train: labelled(context, rows), validation: labelled(context, cohort.validation) };
    const { source, labels } = sets.train;
    writeSubset(folder, { ...source, labels });
    const title = fineTuneTitle(spec);
    const classifier = await classifierOf(context, spec);
    const { seed } = spec;
    const recipe = recipeOf(spec, context.profile);
    const whenTrained = async (chosen: FineTuned) => {
      const test = await predictTest(context, classifier, folder, `predict with ${title}`);
      writeFileWhole(join(folder, SCORES_FILE), `${JSON.stringify({ test, chosen }, null, 2)}\n`);
    };
    const task = `train ${title}`;
    try {
      await fineTune(classifier, sets, { ...recipe, seed, folder, task, whenTrained, ...watch });
    } finally {
      classifier.dispose();
    }
  });
}

/** The network of a finished run; the caller disposes it. */
export function readTrained(run: Run): Classifier<Task> {
  return readClassifier(join(run.folder, WEIGHTS_FILE)) as Classifier<Task>;
}

async function classifierOf(context: StudyContext, { learner, seed, tasks }: FineTuneSpec): Promise<Classifier> {
  if (learner.kind === 'resnet') return resNetClassifier({ width: learner.width }, { tasks, seed });
  const { architecture } = learner;
  const encoder =
    learner.kind === 'scratch'
      ? createEncoder(architecture, { seed })
      : (await encoderOf(context, { method: learner.method, architecture, seed })).encoder();
  const classifier = vitClassifier(encoder, { tasks, seed });
  encoder.dispose();
  return classifier;
}

function labelled({ store }: StudyContext, rows: Int32Array): LabelledEcgs {
  return { source: storeSource(store, rows), labels: labelsOf(store, rows) };
}

async function predictTest(
  { store, cohort, watch }: StudyContext,
  classifier: Classifier,
  folder: string,
  task: string,
) {
  const rows = cohort.test;
  const onBatch = trackProgress({ task, total: rows.length, unit: 'ECGs' }, watch);
  const scores = await predictLogits(classifier, { source: store, rows }, { signal: watch.signal, onBatch });
  const labels = labelsOf(store, rows);
  const ids = (list: readonly string[]) => Array.from(rows, (row) => list[row]);
  await writePredictions(folder, {
    recordIds: ids(store.recordIds),
    patientIds: ids(store.patientIds),
    labels,
    scores,
  });
  const measured = classifier.tasks.map((one) => [
    one,
    { auroc: rocAucScore(labels[one], scores[one]), auprc: averagePrecisionScore(labels[one], scores[one]) },
  ]);
  return Object.fromEntries(measured);
}
