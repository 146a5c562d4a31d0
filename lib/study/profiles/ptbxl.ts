import type { z } from 'zod';
import type { profileSchema } from '../profile-schema';

const architecture = { patchSize: 60, blockDepth: 2, embeddingSize: 256 };

const equal = { reconstruction: 1, patient: 1, sample: 1 };

/** What the trials have in common: half the patches, hence half the work, and fewer epochs. */
const shorter = { architecture: { ...architecture, patchSize: 125 }, epochs: 6 };

/**
 * All of PTB-XL: folds 1-8 unlabelled to pretrain on and labelled to probe with, 9 to choose, 10 to test.
 *
 * Patch, batch, weight of the reconstruction, pooling, augmentation and dropout were chosen on fold 9, the epochs so that
 * Tables 1 to 5 take a night on two cores.
 */
export const ptbxl: z.input<typeof profileSchema> = {
  name: 'ptbxl',
  title: 'PTB-XL whole: the reproduction on one machine',
  data: {
    dataset: 'ptb-xl',
    pretrain: { folds: [1, 2, 3, 4, 5, 6, 7, 8] },
    train: { folds: [1, 2, 3, 4, 5, 6, 7, 8] },
    validation: { folds: [9] },
    test: { folds: [10] },
  },
  seeds: [0, 1, 2],
  pretraining: {
    batchSize: 64,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    maskRatio: 0.75,
    targets: 'normalised',
    temperature: 0.1,
    lossWeights: { reconstruction: 30, patient: 1, sample: 1 },
    augmentation: { crop: [0.5, 1], timeOut: [0.2, 0.4] },
    decoder: { embeddingSize: 128, blockDepth: 2, headDim: 64 },
    methods: {
      contrastive: { architecture, epochs: 9, learningRate: 1e-3 },
      generative: { architecture, epochs: 14, learningRate: 1e-3 },
      hybrid: { architecture, epochs: 9, learningRate: 1e-3 },
    },
  },
  probing: { pooling: 'statistics' },
  fineTuning: {
    seeds: [0],
    head: 'joint',
    batchSize: 64,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    layerDecay: 0.75,
    augmentation: { crop: [0.7, 1], timeOut: [0, 0.2] },
    patchDropout: 0.5,
    pretrained: { epochs: 8, patience: 3, learningRate: 1e-3 },
    scratch: { epochs: 15, patience: 3, learningRate: 1e-3 },
    resnet: { width: 16, batchSize: 32, epochs: 8, patience: 3, learningRate: 2e-3 },
  },
  lowIncidence: { ecgs: 7000, casePercents: [5, 2, 1], epochs: { pretrained: 3, scratch: 6 } },
  dataUsage: { percents: [50, 25, 10], epochs: { pretrained: 12, scratch: 24 } },
  risk: { perClass: 500, splits: 20 },
  bootstrap: { resamples: 1000, seed: 0 },
  trials: [
    { title: 'as long as the rows below', method: 'contrastive', changes: shorter },
    { title: 'reconstruction x 1', method: 'hybrid', changes: { ...shorter, lossWeights: equal } },
    { title: 'reconstruction x 30', method: 'hybrid', changes: shorter },
    {
      title: 'gradient of each loss clipped',
      method: 'hybrid',
      changes: { ...shorter, lossWeights: equal, lossGradients: 'clipped' },
    },
    {
      title: 'gradient of each loss normalised',
      method: 'hybrid',
      changes: { ...shorter, lossWeights: equal, lossGradients: 'normalised' },
    },
    { title: 'half of each view', method: 'hybrid', changes: { ...shorter, viewMaskRatio: 0.5 } },
  ],
};
