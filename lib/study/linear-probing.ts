import { join } from 'node:path';
import { READOUT_NAMES, type Readout } from '../evaluate/readout';
import { trackProgress } from '../progress';
import { modelNameOf, type ProbedModel, type ProbeName } from '../report/probed-model';
import type { Provenance } from '../report/provenance';
import { type Table1Report, table1Report } from '../report/table-1-report';
import { writeTable1 } from '../report/write-table-1';
import { type EncoderSpec, encodersOf, encoderTitle, probeRun } from './encoder-jobs';
import { FEATURES_FILE } from './labelled-splits';
import { readPredictions } from './predictions-file';
import { profileOfReadout, readoutOf } from './readout-jobs';
import { readValidationAurocs, runProbe } from './run-probe';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';
import { encoderOf, featuresOf } from './study-encoders';

/** Table 1 of a study: every probed model, the table, its claims, and where it comes from. */
export interface LinearProbing extends Table1Report {
  /** What the probes read of an encoder. */
  readonly readout: Readout;
  readonly models: readonly ProbedModel[];
  readonly provenance: Provenance;
  /** Writes `paper-tables/<profile>/` and `figures/<profile>/`; returns the paths. */
  write(): Promise<string[]>;
}

/** The context in which probes of a readout are made; its progress names the readout where it is not the profile's. */
export function contextOfReadout(context: StudyContext, readout: Readout): StudyContext {
  const { profile } = context;
  if (readout === readoutOf(profile)) return context;
  return context.withProfile(profileOfReadout(profile, readout), READOUT_NAMES[readout]);
}

/**
 * Table 1: the random, CL, GL and HL encoders, each with a weak and a tuned linear probe.
 *
 * @param options.readout what the probes read; default what the profile says. Files of another readout carry its name.
 */
export async function linearProbing(
  study: StudyContext,
  { readout = readoutOf(study.profile) }: { readonly readout?: Readout } = {},
): Promise<LinearProbing> {
  const context = contextOfReadout(study, readout);
  const models: ProbedModel[] = [];
  const runs: Run[] = [];
  for (const seed of context.profile.seeds) {
    for (const spec of encodersOf(context.profile, seed)) {
      const { run: trained } = await encoderOf(context, spec);
      const features = await featuresOf(context, spec);
      runs.push(...(trained === undefined ? [] : [trained]), features);
      for (const probe of ['weak', 'tuned'] as const) {
        const run = await probeOf(context, spec, probe);
        runs.push(run);
        models.push(await probedModel(spec, probe, run));
      }
    }
  }
  const report = table1Report(models, { ...context.profile.bootstrap, published: context.published });
  const provenance = context.provenance(runs);
  const named = readout === readoutOf(study.profile) ? undefined : readout;
  const write = () => writeTable1(report, { ...context.outputs, provenance, readout: named });
  return { readout, models, ...report, provenance, write };
}

/** A probe on an encoder's features: found, or fitted now. */
export function probeOf(context: StudyContext, spec: EncoderSpec, probe: ProbeName): Promise<Run> {
  const { store, cohort, profile, watch } = context;
  const { selection } = profile.probing ?? {};
  const task = `${probe} probe on ${encoderTitle(spec)}`;
  return context.compute(probeRun(context.basis, spec, probe), async (folder) => {
    const features = join((await featuresOf(context, spec)).folder, FEATURES_FILE);
    let report: ReturnType<typeof trackProgress> | undefined;
    const onFit = (done: number, total: number) => {
      report ??= trackProgress({ task, total, unit: 'fits' }, watch);
      report(done);
    };
    const { signal } = watch;
    await runProbe(features, { store, cohort, probe, selection, seed: spec.seed, folder, signal, onFit });
  });
}

async function probedModel(spec: EncoderSpec, probe: ProbeName, run: Run): Promise<ProbedModel> {
  const { patchSize, blockDepth, embeddingSize } = spec.architecture;
  return {
    model: modelNameOf(spec.method),
    method: spec.method,
    patchSize,
    blockDepth,
    embeddingSize,
    seed: spec.seed,
    run: run.name,
    probe,
    validationAurocs: readValidationAurocs(run.folder),
    predictions: await readPredictions(run.folder),
  };
}
