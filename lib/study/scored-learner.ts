import { readMetrics } from '../pretrain/training-log';
import type { FineTuningHistory } from '../report/fine-tuning-curves';
import { type ModelName, modelNameOf } from '../report/probed-model';
import type { ScoredModel } from '../report/scored-model';
import type { FineTuneSpec, Learner } from './fine-tune-jobs';
import { readPredictions } from './predictions-file';
import { fineTuneOf } from './run-fine-tune';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';

/** A network, or one a task, trained on labels, and the curves of the training. */
export interface TrainedModel extends ScoredModel {
  /** Of each of its runs the rows of `metrics.jsonl`, one a step and one an epoch. */
  histories(): FineTuningHistory[];
}

/** A learner after its training on labels: a row of Tables 3, 4 and 5, for one seed. */
export interface ScoredLearner {
  readonly model: TrainedModel;
  readonly runs: readonly Run[];
}

/** Trains what is not trained yet and reads what it says of the test ECGs. */
export async function scoredLearner(
  context: StudyContext,
  specs: readonly FineTuneSpec[],
  setting?: Readonly<Record<string, string>>,
): Promise<ScoredLearner> {
  const runs: Run[] = [];
  for (const spec of specs) runs.push(await fineTuneOf(context, spec));
  const [{ learner, seed }] = specs;
  const model = {
    model: nameOf(learner),
    architecture: learner.kind === 'resnet' ? undefined : learner.architecture,
    setting,
    seed,
    runs: runs.map(({ name }) => name),
    predictions: await readPredictions(...runs.map(({ folder }) => folder)),
    histories: () => runs.map(({ folder }) => readMetrics<FineTuningHistory[number]>(folder)),
  };
  return { model, runs };
}

function nameOf(learner: Learner): ModelName {
  if (learner.kind === 'pretrained') return modelNameOf(learner.method);
  return learner.kind === 'scratch' ? 'Supervised Learning (ViT)' : 'Supervised Learning (ResNet)';
}
