import type { z } from 'zod';
import type { profileSchema } from '../profile-schema';

const parts = { testShare: 0.1, validationShare: 0.1, seed: 0 };
const small = { patchSize: 60, blockDepth: 2, embeddingSize: 512 };
const supervised = { epochs: 50, patience: 10, learningRate: 5e-4 };

/**
 * The paper's study: pretraining on the 1.3 million unlabelled ECGs of five datasets, PTB-XL for the labels, split by patients
 * into nine parts to learn from and one to test.
 *
 * From the paper: datasets, losses and their sum (section 3.2), architectures (Table 1), the ResNet, a network for each task
 * (A.3), 7,000 ECGs with 5, 2 and 1 % of cases (Table 4), 50, 25 and 10 % of the labels (Table 5). It leaves open how long
 * and how fast was learnt, batches, masks, views, temperature, decoder and projector: these are MAE's (He et al., 2022:
 * learning rate 1.5e-4 for each 256 ECGs of a batch, weight decay, mask), ST-MEM's (Na et al., 2024: decoder), those of the
 * ECG literature (CLOCS, PCLR: temperature; Mehari and Strodthoff, 2022: views), and our own: 20 epochs, batches of 1,024.
 */
export const paper: z.input<typeof profileSchema> = {
  name: 'paper',
  title: 'The paper: 1.3 million ECGs of five datasets to pretrain on, PTB-XL labelled; for GPUs',
  data: {
    dataset: 'ptb-xl',
    pretrain: { datasets: ['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem'] },
    train: { part: 'train', ...parts },
    validation: { part: 'validation', ...parts },
    test: { part: 'test', ...parts },
  },
  seeds: [0],
  pretraining: {
    batchSize: 1024,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    maskRatio: 0.75,
    targets: 'raw',
    temperature: 0.1,
    lossWeights: { reconstruction: 1, patient: 1, sample: 1 },
    augmentation: { crop: [0.5, 1], timeOut: [0.2, 0.4] },
    decoder: { embeddingSize: 256, blockDepth: 4, headDim: 64 },
    methods: {
      contrastive: {
        architecture: { patchSize: 250, blockDepth: 2, embeddingSize: 1024 },
        epochs: 20,
        learningRate: 6e-4,
      },
      generative: { architecture: small, epochs: 20, learningRate: 6e-4 },
      hybrid: { architecture: small, epochs: 20, learningRate: 6e-4 },
    },
  },
  fineTuning: {
    seeds: [0],
    head: 'separate',
    batchSize: 64,
    warmup: 0.1,
    weightDecay: 0.05,
    clipNorm: 1,
    layerDecay: 0.75,
    pretrained: supervised,
    scratch: supervised,
    resnet: { width: 64, batchSize: 64, ...supervised, learningRate: 1e-3 },
  },
  lowIncidence: { ecgs: 7000, casePercents: [5, 2, 1] },
  dataUsage: { percents: [50, 25, 10] },
  risk: { perClass: 500, splits: 20 },
  bootstrap: { resamples: 1000, seed: 0 },
};
