import { join } from 'node:path';
import { extractFeatures } from '../evaluate/features';
import { readNpy, writeNpy } from '../io/npy';
import { pretrain } from '../pretrain/pretrain';
import { trackProgress } from '../progress';
import { type EncoderSpec, encoderTitle, featuresRun, pretrainingRun } from './encoder-jobs';
import { FEATURES_FILE, LABELLED_SPLITS, splitFeatures } from './labelled-splits';
import { PretrainedModel } from './pretrained-model';
import { pretrainingSource } from './pretraining-source';
import type { Run } from './run-store';
import type { StudyContext } from './study-context';

/** An encoder of a study, pretrained if it is not yet. */
export async function encoderOf(context: StudyContext, spec: EncoderSpec): Promise<PretrainedModel> {
  const { method } = spec;
  const { methods, ...recipe } = context.profile.pretraining;
  if (method === 'random') return new PretrainedModel(spec, recipe);
  const { epochs, learningRate, architecture } = methods[method];
  const run = await context.compute(pretrainingRun(context.basis, { ...spec, method }), (folder) =>
    pretrain(pretrainingSource(context), {
      ...recipe,
      method,
      architecture,
      epochs,
      learningRate,
      seed: spec.seed,
      folder,
      task: `pretrain ${encoderTitle(spec)}`,
      ...context.watch,
    }),
  );
  return new PretrainedModel({ ...spec, run }, recipe);
}

/** The run that keeps an encoder's embeddings of all labelled ECGs. */
export async function featuresOf(context: StudyContext, spec: EncoderSpec): Promise<Run> {
  return context.compute(featuresRun(context.basis, spec), async (folder) => {
    const encoder = (await encoderOf(context, spec)).encoder();
    const rows = Int32Array.from(LABELLED_SPLITS.flatMap((split) => Array.from(context.cohort[split])));
    const task = `features of ${encoderTitle(spec)}`;
    const onBatch = trackProgress({ task, total: rows.length, unit: 'ECGs' }, context.watch);
    const options = { pooling: context.profile.probing?.pooling, signal: context.watch.signal, onBatch };
    try {
      const { values, columns } = await extractFeatures(encoder, { source: context.store, rows }, options);
      writeNpy(join(folder, FEATURES_FILE), values, { shape: [rows.length, columns] });
    } finally {
      encoder.dispose();
    }
  });
}

/** An encoder's embeddings of the labelled ECGs, a matrix a split. */
export async function keptFeatures(context: StudyContext, spec: EncoderSpec) {
  const file = join((await featuresOf(context, spec)).folder, FEATURES_FILE);
  return splitFeatures(readNpy(file), context.cohort, file);
}
