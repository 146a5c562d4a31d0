import type { Architecture } from '../model/architecture';
import { architectureName } from '../model/architecture';
import { type Method, PRETRAINING_METHODS, type PretrainingMethod } from '../pretrain/method';
import { isOwn } from './cohort';
import type { Profile } from './profile-schema';
import type { RunSpec } from './run-store';

/** What every run of a study depends on besides its own settings. */
export interface StudyBasis {
  readonly profile: Profile;
  /** `manifest.hash` of the store. */
  readonly data: string;
  /** That of the store of each other dataset that is pretrained on; undefined where there is none. */
  readonly others?: Readonly<Record<string, string>>;
  /** The backend: its rounding decides the last digits (a run's receipt tells more of it). */
  readonly backend: string;
}

/** One encoder of a study. */
export interface EncoderSpec {
  readonly method: Method;
  readonly architecture: Architecture;
  readonly seed: number;
}

/** `hybrid 125/2/256, seed 0`. */
export function encoderTitle({ method, architecture, seed }: EncoderSpec): string {
  return `${method} ${architectureName(architecture)}, seed ${seed}`;
}

/** The encoders of Table 1: CL, GL and HL, and a random one for each architecture among them. */
export function encodersOf({ pretraining: { methods } }: Pick<Profile, 'pretraining'>, seed: number): EncoderSpec[] {
  const trained = PRETRAINING_METHODS.map((method) => ({
    method,
    architecture: methods[method].architecture,
    seed,
  }));
  const distinct = new Map(trained.map(({ architecture }) => [JSON.stringify(architecture), architecture]));
  const random = [...distinct.values()].map((architecture) => ({ method: 'random' as const, architecture, seed }));
  return [...random, ...trained];
}

/** The pretraining of an encoder: everything that decides its weights. */
export function pretrainingRun(
  basis: StudyBasis,
  { method, seed }: EncoderSpec & { method: PretrainingMethod },
): RunSpec {
  const { methods, ...recipe } = basis.profile.pretraining;
  const split = basis.profile.data.pretrain;
  const { backend, others } = basis;
  const data = isOwn(split) ? basis.data : undefined; // other datasets alone: the labelled ECGs decide nothing
  const config = { data, others, backend, split, method, seed, recipe, ...methods[method] };
  return { what: `pretrain-${method}`, config };
}

/** The features of an encoder on the labelled ECGs. */
export function featuresRun(basis: StudyBasis, encoder: EncoderSpec): RunSpec {
  const { train, validation, test } = basis.profile.data;
  const { method } = encoder;
  const weights = method === 'random' ? encoder : pretrainingRun(basis, { ...encoder, method }).config;
  const { pooling } = basis.profile.probing ?? {};
  const config = { data: basis.data, backend: basis.backend, splits: { train, validation, test }, weights, pooling };
  return { what: `features-${method}`, config };
}

/** A probe on an encoder's features. */
export function probeRun(basis: StudyBasis, encoder: EncoderSpec, probe: 'weak' | 'tuned'): RunSpec {
  const selection = probe === 'tuned' ? basis.profile.probing?.selection : undefined;
  return {
    what: `probe-${probe}-${encoder.method}`,
    config: { features: featuresRun(basis, encoder).config, probe, seed: encoder.seed, selection },
  };
}
