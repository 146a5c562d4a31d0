import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import type { Parameters } from '../model/parameters';
import { loadParameters, toArray } from '../model/weights-file';

const FILE = 'checkpoint.safetensors';

/** What a checkpoint holds: with the seed of the run, all that decides the steps to come. */
interface Trained {
  readonly parameters: Parameters;
  readonly optimiser: AdamW;
}

/**
 * Saves weights and moments after a step, whole, over the checkpoint before.
 *
 * Batches, masks and views follow from seed and step, so no random state is kept.
 */
export function writeCheckpoint(folder: string, { parameters, optimiser }: Trained, { step }: { step: number }): void {
  const tensors = new Map(parameters.names().map((name) => [name, toArray(parameters.get(name))]));
  for (const [name, moment] of optimiser.state()) {
    tensors.set(name, toArray(moment));
    moment.dispose();
  }
  writeSafetensors(join(folder, FILE), tensors, { metadata: { step: String(step) } });
}

/**
 * Goes back to a folder's checkpoint, if there is one.
 *
 * @returns the steps done; 0 without a checkpoint
 * @throws FormatError when the file is damaged or belongs to another model
 */
export function readCheckpoint(folder: string, { parameters, optimiser }: Trained): number {
  const file = join(folder, FILE);
  if (!existsSync(file)) return 0;
  const { tensors, metadata } = readSafetensors(file);
  const step = Number(metadata.step);
  loadParameters(parameters, tensors, { file });
  tf.tidy(() => {
    const moments = [...tensors].filter(([name]) => name.startsWith('adam.'));
    optimiser.restore(
      new Map(moments.map(([name, { data, shape }]) => [name, tf.tensor(data as Float32Array, [...shape])])),
      step,
    );
  });
  return step;
}

/** Removes a checkpoint that the finished weights have made superfluous. */
export function removeCheckpoint(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}
