import { resolveArchitecture } from '../model/architecture';
import type { Split } from './cohort';
import {
  type EncoderSpec,
  encodersOf,
  encoderTitle,
  featuresRun,
  pretrainingRun,
  probeRun,
  type StudyBasis,
} from './encoder-jobs';
import { type RunSpec, RunStore } from './run-store';

/** A job of a study, before it runs. */
export interface PlannedJob {
  readonly job: string;
  /** Name of its run folder. */
  readonly run: string;
  readonly state: 'missing' | 'started' | 'finished';
  /** ECGs that pass through the encoder: an ECG once an epoch, views and masked passes counted each. */
  readonly ecgs: number;
  /** Floating-point operations of its matrix products, in units of 10^12. */
  readonly teraflops: number;
}

/**
 * Lists the jobs of Table 1 in the order in which they run, with their cost.
 *
 * @param ecgs ECGs of each split
 * @param stateOf what is on disk of a run
 */
export function planJobs(
  basis: StudyBasis,
  { ecgs, stateOf }: { ecgs: Readonly<Record<Split, number>>; stateOf: (spec: RunSpec) => PlannedJob['state'] },
): PlannedJob[] {
  const names = new RunStore('');
  const job = (title: string, spec: RunSpec, passes: number, flops: number): PlannedJob => {
    return { job: title, run: names.nameOf(spec), state: stateOf(spec), ecgs: passes, teraflops: flops / 1e12 };
  };
  const labelled = ecgs.train + ecgs.validation + ecgs.test;
  return basis.profile.seeds.flatMap((seed) =>
    encodersOf(basis.profile, seed).flatMap((encoder) => {
      const title = encoderTitle(encoder);
      const jobs: PlannedJob[] = [];
      if (encoder.method !== 'random') {
        const spec = pretrainingRun(basis, { ...encoder, method: encoder.method });
        const { passes, flops } = pretrainingCost(basis, encoder, ecgs.pretrain);
        jobs.push(job(`pretrain ${title}`, spec, passes, flops));
      }
      const { patches } = resolveArchitecture(encoder.architecture);
      const flops = labelled * encoderFlops(encoder, 1 + patches);
      jobs.push(job(`features of ${title}`, featuresRun(basis, encoder), labelled, flops));
      for (const probe of ['weak', 'tuned'] as const) {
        jobs.push(job(`${probe} probe on ${title}`, probeRun(basis, encoder, probe), 0, 0));
      }
      return jobs;
    }),
  );
}

/** Forward passes and operations of a pretraining; forward and backward together cost three times the forward pass. */
function pretrainingCost(
  { profile: { pretraining } }: StudyBasis,
  encoder: EncoderSpec,
  ecgs: number,
): { passes: number; flops: number } {
  const { method, architecture } = encoder;
  if (method === 'random') return { passes: 0, flops: 0 };
  const { patches } = resolveArchitecture(architecture);
  const seen = ecgs * pretraining.methods[method].epochs;
  const visible = patches - Math.floor(patches * pretraining.maskRatio);
  const { embeddingSize, blockDepth } = pretraining.decoder;
  const decoder = {
    ...encoder,
    architecture: { ...architecture, embeddingSize, blockDepth, headDim: pretraining.decoder.headDim },
  };
  const masked = method === 'contrastive' ? 0 : encoderFlops(encoder, 1 + visible) + encoderFlops(decoder, 1 + patches);
  const views = method === 'generative' ? 0 : 2 * encoderFlops(encoder, 1 + patches);
  const passes = seen * ((method === 'contrastive' ? 0 : 1) + (method === 'generative' ? 0 : 2));
  return { passes, flops: 3 * seen * (masked + views) };
}

/** Operations of one ECG's forward pass: the patch embedding, and in each block the four maps and the attention. */
function encoderFlops({ architecture }: EncoderSpec, tokens: number): number {
  const { embeddingSize: dim, blockDepth, mlpRatio, patchValues } = resolveArchitecture(architecture);
  const blocks = blockDepth * tokens * (2 * dim * dim * (4 + 2 * mlpRatio) + 4 * tokens * dim);
  return 2 * tokens * patchValues * dim + blocks;
}
