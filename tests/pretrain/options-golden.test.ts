import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { readSafetensors } from '../../lib/io/safetensors';
import { createEncoder } from '../../lib/model/encoder';
import { patchify } from '../../lib/model/patchify';
import { shuffledRange } from '../../lib/model/random-masking';
import { hybridLoss, type LossTerms } from '../../lib/pretrain/hybrid-loss';
import { DEFAULT_OBJECTIVE, Objective, type ObjectiveOptions } from '../../lib/pretrain/objective';
import { reconstructionLoss } from '../../lib/pretrain/reconstruction-loss';
import { LEADS, SAMPLES } from '../../lib/signal/leads';
import { BACKENDS_HERE } from '../backends';
import {
  ARCHITECTURE,
  BATCH,
  goldenEcgs,
  goldenMasking,
  goldenModel,
  gradientsOf,
  PATIENTS,
  relativeError,
  withoutKeyBiases,
} from '../golden-model';

// Values of PyTorch in float64, torch 2.13.0: tests/golden/torch/options.py.
const golden = readSafetensors(join(__dirname, '../golden/torch/options.safetensors')).tensors;

type Case = 'all_patches' | 'cls_pooling' | 'ema_target';

/** All patches predicted and judged, on the golden masks. */
function allPatches() {
  const { encoder, decoder } = goldenModel({ projector: false });
  const masking = goldenMasking(encoder.architecture.patches);
  const terms = (): LossTerms => {
    const signal = tf.tensor3d(goldenEcgs(BATCH, 0), [BATCH, LEADS.length, SAMPLES]);
    const patches = patchify(signal, encoder.architecture.patchSize);
    const tokens = encoder.encodePatches(patches, shuffledRange(masking, 0, masking.kept));
    const predicted = decoder!.decodeAll(tokens, masking);
    return { reconstruction: reconstructionLoss(predicted, patches, { masking, reconstructed: 'all' }) };
  };
  return { parameters: encoder.parameters, terms };
}

/** Contrastive learning on the golden views, with the golden weights. */
function contrastive(options: Partial<ObjectiveOptions>) {
  const encoder = createEncoder(ARCHITECTURE, { seed: 0 });
  const objective = new Objective('contrastive', encoder, { ...DEFAULT_OBJECTIVE, ...options, seed: 0 });
  const { parameters } = goldenModel({ decoder: false }).encoder;
  for (const name of parameters.names()) encoder.parameters.set(name, parameters.get(name).clone());
  const other = goldenModel({ decoder: false, phase: 0.5 }).encoder.parameters;
  objective.restore(new Map(other.names().map((name) => [`target.${name}`, other.get(name)])));
  const views = goldenEcgs(2 * BATCH, 0.3);
  const terms = objective.prepare({ ecgs: views.subarray(0, views.length / 2), patientIds: PATIENTS, views }, 0);
  return { parameters: encoder.parameters, terms };
}

const CASES: Record<Case, () => { parameters: ReturnType<typeof allPatches>['parameters']; terms: () => LossTerms }> = {
  all_patches: allPatches,
  cls_pooling: () => contrastive({ pooling: 'cls' }),
  ema_target: () => contrastive({ emaTarget: { decay: 0.996 } }),
};

describe.each(BACKENDS_HERE)('an option of the training on %s equals PyTorch', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.engine().startScope();
  });

  it.each(Object.keys(CASES) as Case[])('in the loss and its gradient: %s', async (name) => {
    const { parameters, terms } = CASES[name]();
    const values = Object.entries(terms());
    expect(values.map(([term]) => `${name}.loss.${term}`).sort()).toEqual(
      [...golden.keys()].filter((key) => key.startsWith(`${name}.loss`)).sort(),
    );
    for (const [term, loss] of values) {
      const expected = golden.get(`${name}.loss.${term}`)!.data[0];
      expect(Math.abs((await loss.data())[0] - expected) / expected, term).toBeLessThan(1e-5);
    }
    const grads = gradientsOf(parameters, () => hybridLoss(terms()));
    for (const [weight, gradient] of grads) {
      const expected = golden.get(`${name}.gradient.${weight}`)!;
      expect(gradient.shape, weight).toEqual(expected.shape);
      const [actual, wanted] = withoutKeyBiases(weight, await gradient.data(), expected.data);
      expect(relativeError(actual, wanted), weight).toBeLessThan(1e-4);
    }
  });
});
