import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import { readValues } from '../engine/read-values';
import { FormatError, StaleError } from '../errors';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../io/safetensors';
import type { Parameters } from '../model/parameters';
import { loadParameters, toArray } from '../model/weights-file';

/** The newest generation and the one before it. */
const FILES = ['checkpoint.safetensors', 'checkpoint-before.safetensors'] as const;

/** Name of the tensor with the JSON of `Contents`: under the file's checksum, which does not cover the header. */
const CONTENTS = 'checkpoint';

/** What a checkpoint holds: all that decides the steps to come. */
export interface Trained {
  readonly parameters: Parameters;
  readonly optimiser: AdamW;
  /** What the objective learns beside the weights, such as an EMA target: tensors, and notes that JSON can hold. */
  readonly objective: {
    state(): Map<string, tf.Tensor>;
    notes?(): unknown;
    restore(state: ReadonlyMap<string, tf.Tensor>, notes: unknown): void;
  };
  /** What the steps follow from besides: seed, recipe, ECGs. A checkpoint of other settings is refused. */
  readonly settings: Settings;
}

export type Settings = Readonly<Record<string, unknown>>;

interface Contents {
  /** Steps done. */
  readonly step: number;
  readonly settings: Settings;
  /** Shape of each tensor. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** The objective's, where it takes any. */
  readonly notes?: unknown;
}

/**
 * Saves weights, moments and the objective's state after a step, whole and synced; the checkpoint before is kept.
 *
 * Learning rate, position in the epoch, batches, masks and views follow from settings and step: no random state is kept.
 */
export async function writeCheckpoint(folder: string, trained: Trained, { step }: { step: number }): Promise<void> {
  const { parameters, optimiser, objective, settings } = trained;
  const tensors = new Map<string, SafeTensor>();
  const copies = new Map([...optimiser.state(), ...objective.state()]);
  try {
    await readValues([...parameters.names().map((name) => parameters.get(name)), ...copies.values()]);
    for (const name of parameters.names()) tensors.set(name, toArray(parameters.get(name)));
    for (const [name, copy] of copies) tensors.set(name, toArray(copy));
  } finally {
    for (const copy of copies.values()) copy.dispose();
  }
  const contents: Contents = { step, settings, shapes: shapesOf(tensors), notes: objective.notes?.() };
  const json = Buffer.from(JSON.stringify(contents));
  tensors.set(CONTENTS, { shape: [json.length], data: json });
  const [newest, before] = FILES.map((file) => join(folder, file));
  if (existsSync(newest)) renameSync(newest, before);
  writeSafetensors(newest, tensors);
}

/**
 * Goes back to a folder's newest checkpoint that is undamaged, if there is one, and removes one that is damaged.
 *
 * @param options.onNotice told in a line when the newest was damaged and the one before it is gone on from
 * @returns the steps done; 0 without a checkpoint
 * @throws FormatError when no generation is undamaged
 * @throws StaleError when it is of other settings
 */
export function readCheckpoint(
  folder: string,
  trained: Trained,
  { onNotice }: { onNotice?: (line: string) => void } = {},
): number {
  const files = FILES.map((file) => join(folder, file)).filter((file) => existsSync(file));
  for (const [generation, file] of files.entries()) {
    try {
      return restore(file, trained);
    } catch (fault) {
      if (!(fault instanceof FormatError) || generation === files.length - 1) throw fault;
      onNotice?.(`${fault.message}; going on from the checkpoint before it`);
      rmSync(file);
    }
  }
  return 0;
}

/** Removes the checkpoints that the finished weights have made superfluous. */
export function removeCheckpoints(folder: string): void {
  for (const file of FILES) rmSync(join(folder, file), { force: true });
}

/** Whether a folder has a checkpoint to go on from. */
export function hasCheckpoint(folder: string): boolean {
  return FILES.some((file) => existsSync(join(folder, file)));
}

function restore(file: string, { parameters, optimiser, objective, settings }: Trained): number {
  const { tensors } = readSafetensors(file);
  const contents = contentsOf(tensors, file);
  requireSettings(contents.settings, settings, file);
  loadParameters(parameters, tensors, { file });
  for (const name of parameters.names()) tensors.delete(name);
  // Takes an array out: the moments, twice the size of the weights, are then not held a second time.
  const take = (name: string) => {
    const { data, shape } = tensors.get(name)!;
    tensors.delete(name);
    return tf.tensor(data as Float32Array, [...shape]);
  };
  optimiser.restore({ get: take }, contents.step);
  tf.tidy(() => objective.restore(new Map([...tensors.keys()].map((name) => [name, take(name)])), contents.notes));
  return contents.step;
}

function requireSettings(actual: Settings, expected: Settings, file: string): void {
  const differ = (key: string) => JSON.stringify(sorted(actual[key])) !== JSON.stringify(sorted(expected[key]));
  const keys = Object.keys({ ...actual, ...expected }).filter(differ);
  if (keys.length === 0) return;
  const shown = (settings: Settings) => keys.map((key) => `${key} ${JSON.stringify(settings[key])}`).join(', ');
  throw new StaleError('settings of the checkpoint', {
    expected: shown(expected),
    actual: `${shown(actual)}: take another folder, or remove the checkpoint`,
    where: { file },
  });
}

/** The order of keys says nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Takes the contents out of the tensors. @throws FormatError when they do not name these tensors */
function contentsOf(tensors: Map<string, SafeTensor>, file: string): Contents {
  const json = tensors.get(CONTENTS);
  tensors.delete(CONTENTS);
  const contents =
    json === undefined ? undefined : (JSON.parse(Buffer.from(json.data as Uint8Array).toString()) as Contents);
  const actual = JSON.stringify(shapesOf(tensors));
  if (contents === undefined || JSON.stringify(contents.shapes) !== actual) {
    const expected = 'the tensors that it was written with';
    throw new FormatError('checkpoint', { expected, actual: 'others: the file is damaged', where: { file } });
  }
  return contents;
}

function shapesOf(tensors: ReadonlyMap<string, SafeTensor>): Record<string, readonly number[]> {
  return Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
}
