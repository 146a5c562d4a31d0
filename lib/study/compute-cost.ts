import { type Architecture, resolveArchitecture } from '../model/architecture';
import { blockPlan, EXPANSION, resolveResNetArchitecture } from '../model/resnet-architecture';
import type { PretrainingMethod } from '../pretrain/method';
import { LEADS, SAMPLES } from '../signal/leads';
import type { Learner } from './fine-tune-jobs';
import type { Profile } from './profile-schema';

/** Forward and backward pass together cost three times the forward pass. */
const TRAINING_PASSES = 3;

/** Forward passes through the encoder, and floating-point operations. */
export interface Cost {
  readonly passes: number;
  readonly flops: number;
}

/** A pretraining: an ECG once an epoch, its two views and its masked pass counted each. */
export function pretrainingCost(
  { pretraining }: Pick<Profile, 'pretraining'>,
  { method, architecture }: { method: PretrainingMethod; architecture: Architecture },
  ecgs: number,
): Cost {
  const { patches } = resolveArchitecture(architecture);
  const seen = ecgs * pretraining.methods[method].epochs;
  const visible = patches - Math.floor(patches * pretraining.maskRatio);
  const decoder = { ...architecture, ...pretraining.decoder };
  const masked =
    method === 'contrastive' ? 0 : encoderFlops(architecture, 1 + visible) + encoderFlops(decoder, 1 + patches);
  const inView = patches - Math.floor(patches * (pretraining.viewMaskRatio ?? 0));
  const views = method === 'generative' ? 0 : 2 * encoderFlops(architecture, 1 + inView);
  const passes = seen * ((method === 'contrastive' ? 0 : 1) + (method === 'generative' ? 0 : 2));
  return { passes, flops: TRAINING_PASSES * seen * (masked + views) };
}

/** A training on labels that is not stopped early, its validation after each epoch, and the test ECGs. */
export function fineTuningCost(
  learner: Learner,
  { epochs, patchDropout = 0 }: { readonly epochs: number; readonly patchDropout?: number },
  ecgs: { readonly train: number; readonly validation: number; readonly test: number },
): Cost {
  const forward = (dropout: number) => {
    if (learner.kind === 'resnet') return resNetFlops(learner.width);
    const { patches } = resolveArchitecture(learner.architecture);
    return encoderFlops(learner.architecture, 1 + patches - Math.floor(patches * dropout));
  };
  const trained = epochs * ecgs.train;
  const judged = epochs * ecgs.validation + ecgs.test;
  return { passes: trained + judged, flops: TRAINING_PASSES * trained * forward(patchDropout) + judged * forward(0) };
}

/** Operations of the forward pass of a whole ECG. */
export function wholeEcgFlops(architecture: Architecture): number {
  return encoderFlops(architecture, 1 + resolveArchitecture(architecture).patches);
}

/** The patch embedding, and in each block the four maps and the attention. */
function encoderFlops(architecture: Architecture, tokens: number): number {
  const { embeddingSize: dim, blockDepth, mlpRatio, patchValues } = resolveArchitecture(architecture);
  const blocks = blockDepth * tokens * (2 * dim * dim * (4 + 2 * mlpRatio) + 4 * tokens * dim);
  return 2 * tokens * patchValues * dim + blocks;
}

/** The convolutions of a residual network. */
function resNetFlops(width: number): number {
  const plan = blockPlan(resolveResNetArchitecture({ width }));
  let samples = SAMPLES / 2;
  let flops = 2 * samples * 7 * LEADS.length * width;
  samples = Math.ceil(samples / 2);
  for (const { width: inside, input, stride } of plan) {
    const before = samples;
    samples = Math.ceil(samples / stride);
    const output = EXPANSION * inside;
    const shortcut = stride !== 1 || input !== output ? samples * input * output : 0;
    flops += 2 * (before * input * inside + samples * 3 * inside * inside + samples * inside * output + shortcut);
  }
  return flops;
}
