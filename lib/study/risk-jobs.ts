import { type EncoderSpec, featuresRun, type StudyBasis } from './encoder-jobs';
import { type FineTuneSpec, fineTuneRun, supervisedSpecs } from './fine-tune-jobs';
import type { RunSpec } from './run-store';

/** What the end-to-end network says of the ECGs that it learnt from. */
export function supervisedRun(basis: StudyBasis, specs: readonly FineTuneSpec[]): RunSpec {
  return { what: 'supervised-logits', config: { networks: specs.map((spec) => fineTuneRun(basis, spec).config) } };
}

/** The probes behind an encoder's risks. */
export function riskRun(basis: StudyBasis, spec: EncoderSpec): RunSpec {
  const supervised = supervisedRun(basis, supervisedSpecs(basis.profile, spec.architecture)).config;
  const config = { features: featuresRun(basis, spec).config, supervised, ...basis.profile.risk };
  return { what: `risk-${spec.method}`, config };
}
