import { modelNameOf } from '../report/probed-model';
import type { Provenance } from '../report/provenance';
import { type TrialsReport, type TriedRecipe, trialsReport } from '../report/trials-report';
import { writeTrials } from '../report/write-trials';
import type { EncoderSpec } from './encoder-jobs';
import { probeOf } from './linear-probing';
import { readPredictions } from './predictions-file';
import type { Trial } from './profile-schema';
import { readValidationAurocs } from './run-probe';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';
import { encoderOf, featuresOf } from './study-encoders';
import { encoderOfTrial, ownRecipes, profileOfTrial } from './trial-jobs';

/** What changes of the recipes do: the profile's own three encoders and its trials, and where it comes from. */
export interface RecipeTrials extends TrialsReport {
  readonly provenance: Provenance;
  /** Writes `trials.csv` and its provenance to `paper-tables/<profile>/`; returns the paths. */
  write(): Promise<string[]>;
}

/** The context in which a trial's encoder is made; its progress names the trial, for others may be of its architecture. */
export function contextOfTrial(context: StudyContext, trial: Trial): StudyContext {
  return context.withProfile(profileOfTrial(context.profile, trial), trial.title);
}

/** Pretrains and probes the profile's CL, GL and HL of the first seed, and each trial. */
export async function recipeTrials(context: StudyContext): Promise<RecipeTrials> {
  const { profile } = context;
  const own = ownRecipes();
  const tried: TriedRecipe[] = [];
  const runs: Run[] = [];
  for (const trial of [...own, ...(profile.trials ?? [])]) {
    const changed = own.includes(trial) ? context : contextOfTrial(context, trial);
    const made = await tryRecipe(changed, trial, encoderOfTrial(profile, trial));
    tried.push(made.recipe);
    runs.push(...made.runs);
  }
  const report = trialsReport(tried, profile.bootstrap);
  const provenance = { ...context.provenance(runs), seeds: profile.seeds.slice(0, 1) };
  return { ...report, provenance, write: async () => writeTrials(report, { ...context.outputs, provenance }) };
}

async function tryRecipe(
  context: StudyContext,
  { title, method, changes }: Trial,
  encoder: EncoderSpec,
): Promise<{ recipe: TriedRecipe; runs: Run[] }> {
  const { run: trained } = await encoderOf(context, encoder);
  const features = await featuresOf(context, encoder);
  const probe = await probeOf(context, encoder, 'tuned');
  const validation = Object.values(readValidationAurocs(probe.folder));
  const recipe: TriedRecipe = {
    title,
    model: modelNameOf(encoder.method),
    architecture: encoder.architecture,
    epochs: context.profile.pretraining.methods[method].epochs,
    changes,
    validationAuroc: validation.reduce((sum, auroc) => sum + auroc, 0) / validation.length,
    predictions: await readPredictions(probe.folder),
    trainingS: trained!.seconds,
    run: trained!.name,
  };
  return { recipe, runs: [trained!, features, probe] };
}
