import { ArgumentError } from '../errors';
import type { RandomStream } from '../random';

/** Which patches of each ECG the encoder sees, and how to put all of them back in order. */
export interface Masking {
  readonly batch: number;
  readonly patches: number;
  /** Patches that stay visible in each ECG. */
  readonly kept: number;
  /** `[batch, patch]`: a random order of the patches, the visible ones first. */
  readonly idsShuffle: Int32Array;
  /** `[batch, patch]`: the inverse order, `idsShuffle[b, idsRestore[b, p]] = p`. */
  readonly idsRestore: Int32Array;
  /** `[batch, patch]`: 1 where the patch is masked. */
  readonly mask: Uint8Array;
}

/**
 * Masks a share of the patches of each ECG at random, all leads of a patch together.
 *
 * As MAE does it: uniform noise a patch, sorted; the `patches - floor(patches * ratio)` smallest stay visible
 * (20 patches at .75: 5 visible; 42: 11).
 *
 * @param ratio share to mask, in (0, 1); default .75 (MAE, ST-MEM)
 * @throws ArgumentError when it leaves no patch visible or none masked, or batch or patches are no whole numbers
 */
export function randomMasking(
  { batch, patches }: { batch: number; patches: number },
  { ratio = 0.75, stream }: { ratio?: number; stream: RandomStream },
): Masking {
  if (!(Number.isInteger(batch) && batch >= 1 && Number.isInteger(patches))) {
    const actual = `${batch} ECGs of ${patches} patches`;
    throw new ArgumentError('masking', { expected: 'whole numbers of ECGs and patches', actual });
  }
  const kept = patches - Math.floor(patches * ratio);
  if (!(kept >= 1 && kept < patches)) {
    throw new ArgumentError('masking ratio', {
      expected: 'a share that leaves at least one patch visible and one masked',
      actual: `${ratio} of ${patches} patches`,
    });
  }
  const idsShuffle = new Int32Array(batch * patches);
  const idsRestore = new Int32Array(batch * patches);
  const mask = new Uint8Array(batch * patches);
  for (let b = 0; b < batch; b++) {
    const noise = Float64Array.from({ length: patches }, () => stream.uniform());
    const order = Array.from(noise.keys()).sort((p, q) => noise[p] - noise[q]);
    order.forEach((patch, rank) => {
      idsShuffle[b * patches + rank] = patch;
      idsRestore[b * patches + patch] = rank;
      mask[b * patches + patch] = rank < kept ? 0 : 1;
    });
  }
  return { batch, patches, kept, idsShuffle, idsRestore, mask };
}

/** `[batch, to - from]`: a range of each row of `idsShuffle`; `[0, kept)` are the visible patches. */
export function shuffledRange({ batch, patches, idsShuffle }: Masking, from: number, to: number): Int32Array {
  const ids = new Int32Array(batch * (to - from));
  for (let b = 0; b < batch; b++) ids.set(idsShuffle.subarray(b * patches + from, b * patches + to), b * (to - from));
  return ids;
}

/** The masking of the ECGs `from` up to `to` of a batch; its arrays are views of the whole's. */
export function sliceMasking(masking: Masking, from: number, to: number): Masking {
  const { patches } = masking;
  const part = <T extends Int32Array | Uint8Array>(ids: T) => ids.subarray(from * patches, to * patches) as T;
  return {
    ...masking,
    batch: to - from,
    idsShuffle: part(masking.idsShuffle),
    idsRestore: part(masking.idsRestore),
    mask: part(masking.mask),
  };
}
