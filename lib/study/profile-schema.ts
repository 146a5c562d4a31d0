import { prettifyError, z } from 'zod';
import { ArgumentError } from '../errors';
import { type Architecture, resolveArchitecture } from '../model/architecture';
import { assertAugmentation } from '../pretrain/augmentation';
import { PRETRAINING_METHODS } from '../pretrain/method';

const share = z.number().min(0).max(1);
/** A part that leaves something and takes something. */
const part = z.number().gt(0).lt(1);
const positive = z.number().positive();
const count = z.int().positive();

/** Each once: each is a row, a file or a folder of its own. */
function distinct<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: 'expected each once' });
}

/** At most so many ECGs, patients kept whole; all of them when it is left out. */
const limit = count.optional();

/** The publisher's folds, 1 to 10. */
const ofFolds = z.strictObject({ folds: z.array(z.int().min(1).max(10)).min(1), limit });

/**
 * A part of a split by patients, stratified by labels, instead of the publisher's folds; the paper's own split is of this
 * kind. Pretraining takes the part `train`.
 */
const ofSplit = z.strictObject({
  part: z.enum(['train', 'validation', 'test']),
  /** Of all ECGs; the paper's .1. */
  testShare: share,
  /** Of those that are not for testing. */
  validationShare: share,
  seed: z.int().min(0),
  limit,
});

const subset = z.union([ofFolds, ofSplit], {
  error: 'expected folds, or part, testShare, validationShare and seed',
});

/**
 * Datasets of whose ECGs all are pretrained on; with the synthetic cohort its parts in their formats. `wfdb-folder` are
 * ECGs of one's own.
 */
const UNLABELLED_DATASETS = ['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem', 'wfdb-folder'] as const;

const datasets = distinct(z.enum(UNLABELLED_DATASETS));

/** ECGs of the profile's own dataset, all those of other datasets, or both. */
const unlabelled = z.union(
  [
    ofFolds.extend({ datasets: datasets.optional() }),
    ofSplit.extend({ datasets: datasets.optional() }),
    z.strictObject({ datasets }),
  ],
  {
    error: `expected folds, a part of a split, or datasets, each once: ${UNLABELLED_DATASETS.join(', ')}`,
  },
);

const architecture = z
  .strictObject({
    patchSize: count,
    blockDepth: count,
    embeddingSize: count,
    headDim: count.default(64),
    mlpRatio: count.default(4),
    remainder: z.enum(['pad', 'crop']).optional(),
  })
  .superRefine(refusing<Architecture>(resolveArchitecture));

const decoder = z
  .strictObject({ embeddingSize: count, blockDepth: count, headDim: count })
  .superRefine(refusing((shape: Omit<Architecture, 'patchSize'>) => resolveArchitecture({ patchSize: 1, ...shape })));

/** A refinement that refuses what a check throws an ArgumentError for. */
function refusing<Setting>(check: (setting: Setting) => unknown) {
  return (setting: Setting, context: z.RefinementCtx): void => {
    try {
      check(setting);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      context.addIssue({ code: 'custom', message: `expected ${error.expected}, got ${error.actual}` });
    }
  };
}

const augmentation = z
  .strictObject({
    crop: z.tuple([share.gt(0), share.gt(0)]),
    timeOut: z.tuple([share, share]),
    scale: z.tuple([positive, positive]).optional(),
    noise: positive.optional(),
  })
  .superRefine(refusing(assertAugmentation));

const method = z.strictObject({
  architecture,
  epochs: count,
  /** Peak learning rate. */
  learningRate: positive,
});

const percent = z.number().positive().max(100);

const seeds = distinct(z.int().min(0));

/** A recipe of pretraining without what each method has for itself. */
const recipe = {
  batchSize: count,
  warmup: share,
  weightDecay: z.number().min(0),
  clipNorm: positive,
  maskRatio: part,
  targets: z.enum(['raw', 'normalised']),
  temperature: positive,
  lossWeights: z.strictObject({
    reconstruction: z.number().min(0),
    patient: z.number().min(0),
    sample: z.number().min(0),
  }),
  augmentation,
  decoder,
  // The rest may be left out, and is then no part of a run's name either: it stays as it was before they came.
  lossGradients: z.enum(['sum', 'clipped', 'normalised']).optional(),
  microBatchSize: count.optional(),
  precision: z.enum(['float32', 'bf16']).optional(),
  reconstructed: z.enum(['masked', 'all']).optional(),
  reduction: z.enum(['mean', 'sum']).optional(),
  viewMaskRatio: part.optional(),
  pooling: z.enum(['mean', 'cls']).optional(),
  emaTarget: z.strictObject({ decay: share }).optional(),
};

/** Changes of a method's recipe, to see what they do to its probe; what is left out stays. */
const trial = z.strictObject({
  /** In words, such as `each loss's gradient normalised`. */
  title: z.string().min(1),
  method: z.enum(PRETRAINING_METHODS),
  changes: z.strictObject({ ...recipe, ...method.shape }).partial(),
});

/** How long and how fast a network learns from labels. */
const supervised = z.strictObject({
  /** At most; stopped earlier when the validation AUROC has not risen for `patience` epochs. */
  epochs: count,
  patience: count,
  /** Peak learning rate. */
  learningRate: positive,
});

/** Epochs at most where a table trains on a part of the labels; default those of `fineTuning`. */
const epochs = z.strictObject({ pretrained: count, scratch: count }).optional();

/**
 * A profile: every setting of a study, complete and checked; a mistyped key is an error.
 *
 * Each setting that the paper leaves open has its source in the documentation of the function that takes it.
 */
export const profileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens')
    .refine((name) => name !== 'published', { error: "expected another name: the paper's own tables have this one" }),
  title: z.string(),
  data: z
    .strictObject({
      dataset: z.enum(['synthetic', 'ptb-xl', 'wfdb-folder']),
      /** Unlabelled ECGs of the pretraining. */
      pretrain: unlabelled,
      /** Labelled ECGs of the probes. */
      train: subset,
      /** Labelled ECGs on which settings are chosen and trainings stopped. */
      validation: subset,
      test: subset,
    })
    .refine(({ dataset, pretrain: { datasets = [] } }) => !(datasets as string[]).includes(dataset), {
      error:
        "expected other datasets than the profile's own, of which folds or a part are taken: all of it has the test ECGs too",
      path: ['pretrain', 'datasets'],
    }),
  /** Each gives its own encoders and probes. */
  seeds,
  pretraining: z.strictObject({
    ...recipe,
    methods: z.strictObject({ contrastive: method, generative: method, hybrid: method }),
  }),
  /** Linear probes; what is left out stays as it is by default. */
  probing: z
    .strictObject({
      /** What of an ECG the probe sees: the mean of its patch tokens (default), its CLS token, or statistics of all layers. */
      pooling: z.enum(['mean', 'cls', 'statistics']).optional(),
      /** How the tuned probe chooses C: by the validation ECGs (default), or by folds of the training patients. */
      selection: z.enum(['validation', 'grouped-folds']).optional(),
    })
    .optional(),
  /** Training of whole networks on labels: Tables 3, 4 and 5. */
  fineTuning: z.strictObject({
    /** Each gives its own networks. */
    seeds,
    /** One network for the four tasks, or one a task; Table 4 always has one a task, whose cases it counts. */
    head: z.enum(['joint', 'separate']),
    batchSize: count,
    warmup: share.lt(1),
    weightDecay: z.number().min(0),
    clipNorm: positive,
    /** Factor on the learning rate from a layer to the one below it; pretrained encoders only. */
    layerDecay: positive.max(1),
    /** Weights of cases and controls in the loss; default none, as in the paper. */
    classWeights: z.enum(['none', 'balanced']).optional(),
    /** Views of the training ECGs; default the ECGs as they are. */
    augmentation: augmentation.optional(),
    /** Share of the patches left out in training; the ResNet has none. */
    patchDropout: part.optional(),
    pretrained: supervised,
    scratch: supervised,
    resnet: supervised.extend({ width: count, batchSize: count }),
  }),
  /** Table 4: training sets of so many ECGs a task, with so many percent of cases. */
  lowIncidence: z.strictObject({ ecgs: count, casePercents: distinct(percent), epochs }),
  /** Table 5: shares of the labelled training ECGs. */
  dataUsage: z.strictObject({ percents: distinct(percent), epochs }),
  /** Table 2. */
  risk: z.strictObject({
    /** Cases, and as many controls, of the balanced sets, at most. */
    perClass: count,
    /** Into so many parts the balanced training set is cut, each held out once. */
    splits: count.min(2),
  }),
  bootstrap: z.strictObject({ resamples: count, seed: z.int().min(0) }),
  /** Recipes to try with the first seed; judged by the tuned probe on the validation ECGs. */
  trials: z.array(trial).optional(),
});

export type Profile = z.infer<typeof profileSchema>;

export type Trial = z.infer<typeof trial>;

/**
 * Checks a profile's settings and fills in their defaults.
 *
 * @param settings a profile as an object, such as parsed JSON
 * @param options.file names the file in errors
 * @throws ArgumentError with every mistyped, missing or misplaced setting
 */
export function parseProfile(settings: unknown, { file }: { file?: string } = {}): Profile {
  const parsed = profileSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new ArgumentError('profile', {
    expected: 'the settings of a profile',
    actual: prettifyError(parsed.error),
    where: { file },
  });
}
