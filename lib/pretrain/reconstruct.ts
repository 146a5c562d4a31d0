import * as tf from '@tensorflow/tfjs';
import type { Encoder } from '../model/encoder';
import { MaeDecoder } from '../model/mae-decoder';
import { patchify, unpatchify } from '../model/patchify';
import { type Masking, shuffledRange } from '../model/random-masking';
import { LEADS, SAMPLES } from '../signal/leads';
import { denormalisePatches } from './reconstruction-loss';

/**
 * Fills in the masked patches of ECGs as a masked autoencoder predicts them; the visible ones stay as they are, and so
 * does what no patch covers.
 *
 * A model trained on normalised targets predicts each patch's shape; the patch's own mean and deviation then put it on
 * the millivolt scale, as MAE's pictures do.
 *
 * @param ecgs `[batch, lead, sample]`, mV
 * @returns `[batch, lead, sample]`, mV
 */
export function reconstruct(
  { encoder, decoder }: { encoder: Encoder; decoder: MaeDecoder },
  ecgs: Float32Array,
  { masking, targets }: { masking: Masking; targets: 'raw' | 'normalised' },
): Float32Array {
  return tf.tidy(() => {
    const signal = tf.tensor3d(ecgs, [masking.batch, LEADS.length, SAMPLES]);
    const patches = patchify(signal, encoder.architecture.patchSize, encoder.architecture); // [batch, patch, lead * size]
    const tokens = encoder.encodePatches(patches, shuffledRange(masking, 0, masking.kept)); // [batch, 1 + kept, dim]
    const predicted = decoder.decodeMasked(tokens, masking); // [batch, masked, lead * size]
    const inMv = targets === 'raw' ? predicted : denormalisePatches(predicted, patches, { masking });
    const whole = MaeDecoder.unshuffle(patches, inMv, masking); // [batch, patch, lead * size]
    const covered = Math.min(encoder.architecture.patches * encoder.architecture.patchSize, SAMPLES);
    const filled = unpatchify(whole, { leads: LEADS.length, samples: covered }); // [batch, lead, covered]
    const rest = signal.slice([0, 0, covered], [-1, -1, SAMPLES - covered]); // [batch, lead, sample - covered]
    return tf.concat([filled, rest], 2).dataSync<'float32'>();
  });
}
