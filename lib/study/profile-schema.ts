import { prettifyError, z } from 'zod';
import { ArgumentError } from '../errors';

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();

const subset = z.strictObject({
  /** The publisher's folds, 1 to 10. */
  folds: z.array(z.int().min(1).max(10)).min(1),
  /** At most so many ECGs, patients kept whole; all of them when it is left out. */
  limit: count.optional(),
});

const architecture = z.strictObject({
  patchSize: count,
  blockDepth: count,
  embeddingSize: count,
  headDim: count.default(64),
  mlpRatio: count.default(4),
});

const method = z.strictObject({
  architecture,
  epochs: count,
  /** Peak learning rate. */
  learningRate: positive,
});

/**
 * A profile: every setting of a study, complete and checked; a mistyped key is an error.
 *
 * Each setting that the paper leaves open has its source in the documentation of the function that takes it.
 */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens'),
  title: z.string(),
  data: z.strictObject({
    dataset: z.enum(['synthetic', 'ptb-xl']),
    /** Unlabelled ECGs of the pretraining. */
    pretrain: subset,
    /** Labelled ECGs of the probes. */
    train: subset,
    /** Labelled ECGs on which settings are chosen and trainings stopped. */
    validation: subset,
    test: subset,
  }),
  /** Each gives its own encoders and probes. */
  seeds: z.array(z.int().min(0)).min(1),
  pretraining: z.strictObject({
    batchSize: count,
    warmup: share,
    weightDecay: z.number().min(0),
    clipNorm: positive,
    maskRatio: share,
    targets: z.enum(['raw', 'normalised']),
    temperature: positive,
    lossWeights: z.strictObject({
      reconstruction: z.number().min(0),
      patient: z.number().min(0),
      sample: z.number().min(0),
    }),
    augmentation: z.strictObject({
      crop: z.tuple([share, share]),
      timeOut: z.tuple([share, share]),
      scale: z.tuple([positive, positive]).optional(),
      noise: positive.optional(),
    }),
    decoder: z.strictObject({ embeddingSize: count, blockDepth: count, headDim: count }),
    // The rest may be left out, and is then no part of a run's name either: it stays as it was before they came.
    lossGradients: z.enum(['sum', 'clipped', 'normalised']).optional(),
    microBatchSize: count.optional(),
    precision: z.enum(['float32', 'bf16']).optional(),
    reconstructed: z.enum(['masked', 'all']).optional(),
    pooling: z.enum(['mean', 'cls']).optional(),
    emaTarget: z.strictObject({ decay: share }).optional(),
    methods: z.strictObject({ contrastive: method, generative: method, hybrid: method }),
  }),
  bootstrap: z.strictObject({ resamples: count, seed: z.int().min(0) }),
});

export type Profile = z.infer<typeof profileSchema>;

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
