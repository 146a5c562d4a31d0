import { ArgumentError } from '../errors';
import { randomMasking, shuffledRange } from '../model/random-masking';
import { randomStream } from '../random';

/**
 * The patches of each ECG that a step of a fine-tuning looks at (PatchDropout, Liu et al., 2023).
 *
 * @param ecgs.patches patches of an ECG; undefined for a network that has none
 * @param options.patchDropout share left out, in (0, 1); undefined for none
 * @returns `[batch, kept]`; undefined for all
 * @throws ArgumentError for a network without patches, or a share that leaves none visible or none out
 */
export function visiblePatches(
  { batch, patches }: { batch: number; patches: number | undefined },
  { patchDropout, seed, step }: { patchDropout: number | undefined; seed: number; step: number },
): Int32Array | undefined {
  if (patchDropout === undefined) return undefined;
  if (patches === undefined) {
    const actual = `${patchDropout}, for a network without patches`;
    throw new ArgumentError('fine-tuning', { expected: 'no patchDropout', actual, where: { key: 'patchDropout' } });
  }
  const stream = randomStream(seed, 'fine-tuning', 'patch dropout', step);
  const masking = randomMasking({ batch, patches }, { ratio: patchDropout, stream });
  return shuffledRange(masking, 0, masking.kept);
}
