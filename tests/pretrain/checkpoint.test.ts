import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { readSafetensors } from '../../lib/io/safetensors';
import { Parameters } from '../../lib/model/parameters';
import { readCheckpoint, removeCheckpoints, type Trained, writeCheckpoint } from '../../lib/pretrain/checkpoint';
import { BACKENDS_HERE } from '../backends';
import { newFolder } from './example-training';

interface Training extends Trained {
  step(): void;
  /** Weights, moments and the objective's state, as text. */
  values(): Promise<string>;
}

/** Two weights and a tensor of the objective's; a step moves all of them. */
function training(settings: Trained['settings'] = { seed: 3, architecture: { depth: 2, size: 8 } }): Training {
  const parameters = new Parameters();
  parameters.set('block.weight', tf.range(0, 6).reshape([2, 3]));
  parameters.set('block.bias', tf.range(1, 4));
  const optimiser = new AdamW(parameters);
  let target = tf.keep(tf.scalar(0));
  const setTarget = (value: tf.Scalar) => {
    target.dispose();
    target = tf.keep(value);
  };
  return {
    parameters,
    optimiser,
    settings,
    objective: {
      state: () => new Map([['target.x', target.clone()]]),
      restore: (state) => setTarget(state.get('target.x')!.clone() as tf.Scalar),
    },
    step() {
      tf.tidy(() => {
        const gradients = parameters.names().map((name) => [name, parameters.get(name).mul(0.1).add(1)] as const);
        optimiser.step(new Map(gradients), 0.05);
        setTarget(target.add(1));
      });
    },
    async values() {
      const weights = parameters.names().map((name) => parameters.get(name));
      const moments = [...optimiser.state().values()];
      const all = await Promise.all([...weights, ...moments, target].map((tensor) => tensor.data()));
      tf.dispose(moments);
      return JSON.stringify([optimiser.count, all.map((values) => Array.from(values))]);
    },
  };
}

const NEWEST = 'checkpoint.safetensors';
const BEFORE = 'checkpoint-before.safetensors';

/** A folder with checkpoints after 1 and 2 steps, and the values at each. */
async function twoGenerations(): Promise<{ folder: string; values: string[] }> {
  const folder = newFolder();
  const trained = training();
  const values = [await trained.values()];
  for (const step of [1, 2]) {
    trained.step();
    await writeCheckpoint(folder, trained, { step });
    values.push(await trained.values());
  }
  return { folder, values };
}

describe.each(BACKENDS_HERE)('a checkpoint on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it('brings back step, weights, moments and the objective’s state, and keeps no tensor', async () => {
    const { folder, values } = await twoGenerations();
    const resumed = training();
    const tensors = tf.memory().numTensors;
    expect(readCheckpoint(folder, resumed)).toBe(2);
    expect(await resumed.values()).toBe(values[2]);
    expect(tf.memory().numTensors).toBe(tensors);
    const [straight, broken] = [training(), resumed];
    for (let i = 0; i < 3; i++) straight.step();
    broken.step();
    expect(await broken.values()).toBe(await straight.values());
  });
});

describe('the two generations of a checkpoint', () => {
  beforeAll(async () => {
    await useEngine({ backend: 'cpu' });
  });

  it('are the newest and the one before, and are removed together', async () => {
    const { folder, values } = await twoGenerations();
    expect(readdirSync(folder).sort()).toEqual([BEFORE, NEWEST]);
    rmSync(join(folder, NEWEST)); // a kill between putting the old one aside and writing the new one
    const resumed = training();
    expect(readCheckpoint(folder, resumed)).toBe(1);
    expect(await resumed.values()).toBe(values[1]);
    removeCheckpoints(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(readCheckpoint(folder, training())).toBe(0);
  });

  it('stand in for each other wherever the newest is damaged: any byte changed, or cut anywhere', async () => {
    const { folder, values } = await twoGenerations();
    const file = join(folder, NEWEST);
    const bytes = readFileSync(file);
    const damages = Array.from({ length: 400 }, (_, i) => {
      const at = Math.floor((i * bytes.length) / 400);
      if (i % 8 === 0) return bytes.subarray(0, at);
      const changed = Buffer.from(bytes);
      changed[at] ^= 1 << (i % 8);
      return changed;
    });
    let unharmed = 0;
    for (const damaged of damages) {
      writeFileSync(file, damaged);
      const notices: string[] = [];
      const resumed = training();
      const step = readCheckpoint(folder, resumed, { onNotice: (line) => notices.push(line) });
      expect(await resumed.values()).toBe(values[step]);
      if (step === 2) unharmed++;
      else expect(notices).toEqual([expect.stringMatching(/going on from the checkpoint before it$/)]);
      expect(existsSync(file)).toBe(step === 2); // the damaged one must not take the good one's place
    }
    expect(unharmed).toBeLessThan(20); // in the header's blanks, say, nothing is there to be harmed
  });

  it('are not read for each other when the settings differ, but whatever the order of these', async () => {
    const { folder } = await twoGenerations();
    expect(readCheckpoint(folder, training({ architecture: { size: 8, depth: 2 }, seed: 3 }))).toBe(2);
    expect(() => readCheckpoint(folder, training({ seed: 4, architecture: { depth: 2, size: 8 } }))).toThrow(
      expect.objectContaining({ tag: 'StaleError', expected: 'seed 4', actual: expect.stringMatching(/^seed 3: /) }),
    );
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('are safetensors that other tools read, with the contents in JSON', async () => {
    const { folder } = await twoGenerations();
    const { tensors } = readSafetensors(join(folder, NEWEST));
    const names = ['block.weight', 'block.bias'];
    const moments = ['first', 'second'].flatMap((moment) => names.map((name) => `adam.${moment}.${name}`));
    expect([...tensors.keys()].sort()).toEqual([...names, ...moments, 'target.x', 'checkpoint'].sort());
    const contents = JSON.parse(Buffer.from(tensors.get('checkpoint')!.data as Uint8Array).toString());
    expect(contents).toMatchObject({ step: 2, settings: { seed: 3 }, shapes: { 'block.weight': [2, 3] } });
  });
});
