import type { z } from 'zod';
import type { profileSchema } from '../profile-schema';

const architecture = { patchSize: 125, blockDepth: 2, embeddingSize: 64, headDim: 16 };

/**
 * The synthetic cohort in six formats and encoders of a few thousand weights: a first run, tests, the mechanics.
 *
 * As in the paper five datasets are pretrained on without labels. They are small here, so the training ECGs of the labelled one
 * join them.
 */
export const tiny: z.input<typeof profileSchema> = {
  name: 'tiny',
  title: 'Synthetic ECGs, small encoders: the mechanics in minutes, numbers that mean nothing',
  data: {
    dataset: 'synthetic',
    pretrain: {
      folds: [1, 2, 3, 4, 5, 6, 7, 8],
      datasets: ['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem'],
    },
    train: { folds: [1, 2, 3, 4, 5, 6, 7, 8] },
    validation: { folds: [9] },
    test: { folds: [10] },
  },
  seeds: [0],
  pretraining: {
    batchSize: 64,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    maskRatio: 0.75,
    targets: 'normalised',
    temperature: 0.1,
    lossWeights: { reconstruction: 1, patient: 1, sample: 1 },
    augmentation: { crop: [0.5, 1], timeOut: [0.2, 0.4] },
    decoder: { embeddingSize: 64, blockDepth: 1, headDim: 16 },
    methods: {
      contrastive: { architecture: { ...architecture, patchSize: 250 }, epochs: 10, learningRate: 1e-3 },
      generative: { architecture, epochs: 16, learningRate: 2e-3 },
      hybrid: { architecture, epochs: 10, learningRate: 1e-3 },
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
    pretrained: { epochs: 3, patience: 3, learningRate: 1e-3 },
    scratch: { epochs: 3, patience: 3, learningRate: 1e-3 },
    resnet: { width: 4, batchSize: 64, epochs: 3, patience: 3, learningRate: 2e-3 },
  },
  lowIncidence: { ecgs: 320, casePercents: [5, 2, 1], epochs: { pretrained: 1, scratch: 1 } }, // 48 networks
  dataUsage: { percents: [50, 25, 10] },
  risk: { perClass: 500, splits: 20 },
  bootstrap: { resamples: 1000, seed: 0 },
};
