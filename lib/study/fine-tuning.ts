import type { Task } from '../metrics/tasks';
import type { Provenance } from '../report/provenance';
import { type ScoreTableReport, table3Report, table4Report, table5Report } from '../report/score-table-report';
import { writeScoreTable } from '../report/write-score-table';
import { type LabelSubset, type Learner, learnersOf, learnersWithFewLabels, specsOfRow } from './fine-tune-jobs';
import type { Run } from './run-store';
import { scoredLearner, type TrainedModel } from './scored-learner';
import type { StudyContext } from './study-context';

/** Table 3, 4 or 5 of a study: every trained network, the table, its claims, and where it comes from. */
export interface FineTuning extends ScoreTableReport {
  readonly models: readonly TrainedModel[];
  readonly provenance: Provenance;
  /** Writes `paper-tables/<profile>/` and `figures/<profile>/`; returns the paths. */
  write(): Promise<string[]>;
}

/** Table 3: a ResNet and Vision Transformers from scratch, and fine-tuned CL, GL and HL, on all training labels. */
export async function fineTuning(context: StudyContext): Promise<FineTuning> {
  const { profile } = context;
  const { head } = profile.fineTuning;
  const trained = await trainAll(context, learnersOf(profile), (learner, seed) => specsOfRow(learner, { seed, head }));
  return tableOf(context, trained, table3Report(trained.models, reportOptions(context)));
}

/** Table 4: fewer cases among the training ECGs, a network a task. */
export async function lowIncidence(context: StudyContext): Promise<FineTuning> {
  const { profile } = context;
  const { ecgs, casePercents } = profile.lowIncidence;
  const table3 = await fineTuning(context);
  const parts: Trained[] = [];
  for (const casePercent of casePercents) {
    const subset = (task: Task): LabelSubset => ({ casePercent, ecgs, task });
    const specs = (learner: Learner, seed: number) => specsOfRow(learner, { seed, head: 'separate', subset });
    const setting = { case_ratio_percent: String(casePercent) };
    parts.push(await trainAll(context, learnersWithFewLabels(profile), specs, setting));
  }
  const trained = joined(parts);
  return tableOf(context, trained, table4Report(trained.models, { ...reportOptions(context), table3 }));
}

/**
 * Table 5: a part of the training labels.
 *
 * @param options.table4 Table 4, which one claim is about too; without it the claim is undecided
 */
export async function dataUsage(context: StudyContext, { table4 }: { table4?: FineTuning } = {}): Promise<FineTuning> {
  const { profile } = context;
  const { head } = profile.fineTuning;
  const table3 = await fineTuning(context);
  const parts: Trained[] = [];
  for (const usagePercent of profile.dataUsage.percents) {
    const subset = (): LabelSubset => ({ usagePercent });
    const specs = (learner: Learner, seed: number) => specsOfRow(learner, { seed, head, subset });
    const setting = { data_usage_percent: String(usagePercent) };
    parts.push(await trainAll(context, learnersWithFewLabels(profile), specs, setting));
  }
  const trained = joined(parts);
  return tableOf(context, trained, table5Report(trained.models, { ...reportOptions(context), table3, table4 }));
}

interface Trained {
  readonly models: readonly TrainedModel[];
  readonly runs: readonly Run[];
}

/** Trains each learner for each seed of the profile. */
async function trainAll(
  context: StudyContext,
  learners: readonly Learner[],
  specsOf: (learner: Learner, seed: number) => ReturnType<typeof specsOfRow>,
  setting?: Readonly<Record<string, string>>,
): Promise<Trained> {
  const models: TrainedModel[] = [];
  const runs: Run[] = [];
  for (const learner of learners) {
    for (const seed of context.profile.fineTuning.seeds) {
      const scored = await scoredLearner(context, specsOf(learner, seed), setting);
      models.push(scored.model);
      runs.push(...scored.runs);
    }
  }
  return { models, runs };
}

function joined(parts: readonly Trained[]): Trained {
  return { models: parts.flatMap(({ models }) => models), runs: parts.flatMap(({ runs }) => runs) };
}

function reportOptions(context: StudyContext) {
  return { ...context.profile.bootstrap, published: context.published };
}

function tableOf(context: StudyContext, { models, runs }: Trained, report: ScoreTableReport): FineTuning {
  const provenance = { ...context.provenance(runs), seeds: context.profile.fineTuning.seeds };
  return { ...report, models, provenance, write: () => writeScoreTable(report, { ...context.outputs, provenance }) };
}
