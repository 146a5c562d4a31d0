import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from '../../lib/engine/adamw';
import { useEngine } from '../../lib/engine/use-engine';
import { trainingStepAsync } from '../../lib/pretrain/training-step';
import { QUICK_BACKENDS_HERE } from '../backends';
import { relativeError } from '../golden-model';
import { noiseBatch, smallObjective } from './noise-objective';

const DECAY = 0.8;

function training(method: 'contrastive' | 'hybrid' = 'hybrid') {
  const objective = smallObjective(method, { emaTarget: { decay: DECAY } });
  const { parameters } = objective.encoder;
  const optimiser = new AdamW(parameters);
  return {
    objective,
    parameters,
    optimiser,
    step: (step: number) =>
      trainingStepAsync(parameters, objective.prepare(noiseBatch(4), step), { optimiser, rate: 1e-2 }),
    dispose() {
      optimiser.dispose();
      objective.dispose();
    },
  };
}

async function read(tensors: ReadonlyMap<string, tf.Tensor>): Promise<Map<string, Float32Array>> {
  const entries = [...tensors].map(async ([name, tensor]) => [name, (await tensor.data()) as Float32Array] as const);
  const values = new Map(await Promise.all(entries));
  for (const tensor of tensors.values()) tensor.dispose();
  return values;
}

describe.each(QUICK_BACKENDS_HERE)('the target network on %s', (backend) => {
  beforeAll(async () => {
    await useEngine({ backend });
  });

  it('starts as the trained one and follows it: w_t <- d w_t + (1 - d) w', async () => {
    const run = training();
    const weight = async (name: string) => Array.from(await run.parameters.get(name).data());
    let expected = new Map<string, number[]>();
    for (const [name, values] of await read(run.objective.state())) {
      expected.set(name, Array.from(values));
      expect(Array.from(values), name).toEqual(await weight(name.slice('target.'.length)));
    }
    const trained = run.parameters.names().filter((name) => !/^(decoder|mask_token)/.test(name));
    expect([...expected.keys()]).toEqual(trained.map((name) => `target.${name}`));
    for (let step = 0; step < 3; step++) {
      await run.step(step);
      const moved = new Map<string, number[]>();
      for (const [name, old] of expected) {
        const online = await weight(name.slice('target.'.length));
        moved.set(
          name,
          old.map((value, i) => DECAY * value + (1 - DECAY) * online[i]),
        );
      }
      expected = moved;
    }
    for (const [name, values] of await read(run.objective.state())) {
      expect(relativeError(values, expected.get(name)!), name).toBeLessThan(1e-5);
    }
    run.dispose();
  });

  it('goes on from a saved state bit for bit, and keeps no tensor', async () => {
    const before = tf.memory().numTensors;
    const [whole, resumed] = [training(), training()];
    for (let step = 0; step < 4; step++) await whole.step(step);
    for (let step = 0; step < 2; step++) await resumed.step(step);
    const [target, moments] = [resumed.objective.state(), resumed.optimiser.state()];
    const weights = new Map(resumed.parameters.names().map((name) => [name, resumed.parameters.get(name).add(0)]));
    resumed.dispose();
    const second = training();
    for (const [name, weight] of weights) second.parameters.set(name, weight);
    second.optimiser.restore(moments, 2);
    second.objective.restore(new Map([...moments, ...target]));
    for (const tensor of [...target.values(), ...moments.values()]) tensor.dispose();
    for (let step = 2; step < 4; step++) await second.step(step);
    const [expected, actual] = [await read(whole.objective.state()), await read(second.objective.state())];
    for (const [name, values] of expected) expect(actual.get(name), name).toEqual(values);
    whole.dispose();
    second.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a state that lacks a weight or has another shape, and does not change', async () => {
    const run = training('contrastive');
    const state = run.objective.state();
    const start = await read(run.objective.state());
    state.get('target.projector.2.bias')!.dispose();
    state.delete('target.projector.2.bias');
    expect(() => run.objective.restore(state)).toThrow(/target.projector.2.bias: EMA target: .*got nothing/);
    state.set('target.projector.2.bias', tf.zeros([3]));
    expect(() => run.objective.restore(state)).toThrow(/expected shape \[128\], got shape \[3\]/);
    expect(await read(run.objective.state())).toEqual(start);
    for (const tensor of state.values()) tensor.dispose();
    run.dispose();
  });

  it('is not there where nothing is contrasted or none was asked for', () => {
    for (const objective of [smallObjective('generative', { emaTarget: { decay: 0.9 } }), smallObjective('hybrid')]) {
      expect(objective.state()).toEqual(new Map());
      objective.restore(new Map());
      objective.dispose();
    }
    expect(() => smallObjective('hybrid', { emaTarget: { decay: 1.1 } })).toThrow(/decay in \[0, 1\], got 1.1/);
  });
});
