import type { z } from 'zod';
import type { profileSchema } from '../profile-schema';

const architecture = { patchSize: 125, blockDepth: 2, embeddingSize: 128, headDim: 32 };

/**
 * Real ECGs in the time of a lesson: 2,000 for pretraining, the labels of the same 2,000, 800 to choose by, all of fold
 * 10 to test.
 */
export const ptbxlQuick: z.input<typeof profileSchema> = {
  name: 'ptbxl-quick',
  title: 'PTB-XL, 2,000 ECGs to learn from: a lesson on real ECGs',
  data: {
    dataset: 'ptb-xl',
    pretrain: { folds: [1, 2, 3, 4, 5, 6, 7, 8], limit: 2000 },
    train: { folds: [1, 2, 3, 4, 5, 6, 7, 8], limit: 2000 },
    validation: { folds: [9], limit: 800 },
    test: { folds: [10] },
  },
  seeds: [0],
  pretraining: {
    batchSize: 128,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    maskRatio: 0.75,
    targets: 'normalised',
    temperature: 0.1,
    lossWeights: { reconstruction: 1, patient: 1, sample: 1 },
    augmentation: { crop: [0.5, 1], timeOut: [0.2, 0.4] },
    decoder: { embeddingSize: 128, blockDepth: 2, headDim: 32 },
    methods: {
      contrastive: { architecture, epochs: 30, learningRate: 1e-3 },
      generative: { architecture, epochs: 80, learningRate: 2e-3 },
      hybrid: { architecture, epochs: 30, learningRate: 1e-3 },
    },
  },
  fineTuning: {
    seeds: [0],
    head: 'joint',
    batchSize: 64,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    layerDecay: 0.75,
    pretrained: { epochs: 8, patience: 3, learningRate: 1e-3 },
    scratch: { epochs: 15, patience: 4, learningRate: 1e-3 },
    resnet: { width: 8, batchSize: 32, epochs: 10, patience: 4, learningRate: 2e-3 },
  },
  lowIncidence: { ecgs: 1000, casePercents: [5, 2, 1] },
  dataUsage: { percents: [50, 25, 10] },
  risk: { perClass: 500, splits: 20 },
  bootstrap: { resamples: 1000, seed: 0 },
};
