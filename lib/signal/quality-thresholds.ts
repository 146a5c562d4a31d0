import { prettifyError, z } from 'zod';
import { ArgumentError } from '../errors';
import { LEADS } from './leads';
import { DEFAULT_QUALITY, type QualityOptions } from './quality';

// finite, as all numbers of the schema are: a threshold goes through JSON, which has no Infinity
const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const leads = z.int().min(0).max(LEADS.length);

const schema = z
  .strictObject({
    minRateHz: amount,
    maxRateHz: amount,
    minDurationS: amount,
    maxInvalidFraction: share,
    flatMv: amount,
    maxFlatLeads: leads,
    clippedRunMs: amount,
    maxClippedFraction: share,
    maxClippedLeads: leads,
    maxAmplitudeMv: amount,
    minAmplitudeMv: amount,
    rejectDuplicates: z.boolean(),
  } satisfies Record<keyof QualityOptions, z.ZodType>)
  .refine(({ minRateHz, maxRateHz }) => minRateHz <= maxRateHz, { error: 'minRateHz is above maxRateHz' })
  .refine(({ minAmplitudeMv, maxAmplitudeMv }) => minAmplitudeMv <= maxAmplitudeMv, {
    error: 'minAmplitudeMv is above maxAmplitudeMv',
  });

/**
 * The thresholds of `rejection`, those that are not given as in `DEFAULT_QUALITY`, in its order.
 *
 * @throws ArgumentError on an unknown threshold, or one outside its range
 */
export function qualityThresholds(options: QualityOptions = {}): Required<QualityOptions> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const quality = { ...DEFAULT_QUALITY, ...Object.fromEntries(given) };
  const { error } = schema.safeParse(quality);
  if (error === undefined) return quality;
  throw new ArgumentError('quality', { expected: 'thresholds in their ranges', actual: prettifyError(error) });
}
