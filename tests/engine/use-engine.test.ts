import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../lib/engine/engine-error';
import { BACKENDS, type Backend, useEngine } from '../../lib/engine/use-engine';

const built = resolve(__dirname, '../../lib/dist/engine/use-engine.js');
const noBuild = existsSync(built) ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';

// TensorFlow is set up by `npm test` wherever Python, a compiler and the network are there.
const tensorflow = await useEngine({ backend: 'tensorflow' }).then(
  () => '',
  (error: Error) => ` (skipped: ${error.message})`,
);

/** A gradient through the kinds of op that the model is made of, on small whole numbers. */
async function gradient(backend: Backend): Promise<number[]> {
  const { tf } = await useEngine({ backend });
  const x = tf.tensor2d([0.5, -1, 2, 3, -0.25, 1], [2, 3]);
  const loss = (v: typeof x) =>
    tf
      .softmax(v.matMul(v, false, true))
      .mul(tf.erf(v.slice([0, 0], [2, 2])))
      .sum()
      .add(tf.moments(v, 1).variance.sum());
  return [
    ...tf
      .grad((v) => loss(v as typeof x))(x)
      .dataSync(),
  ];
}

describe('useEngine', () => {
  it('computes the same gradient on wasm as in JavaScript', async () => {
    const expected = await gradient('cpu');
    expect(expected.every(Number.isFinite)).toBe(true);
    const actual = await gradient('wasm');
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  });

  it.skipIf(tensorflow !== '')(`computes the same gradient on TensorFlow as in JavaScript${tensorflow}`, async () => {
    const expected = await gradient('cpu');
    const actual = await gradient('tensorflow');
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  });

  it.skipIf(tensorflow !== '')(`takes TensorFlow 2.21.0 when nothing is asked for${tensorflow}`, async () => {
    await useEngine({ backend: 'tensorflow' });
    const engine = await useEngine();
    expect(engine).toMatchObject({ backend: 'tensorflow', version: '2.21.0' });
    expect(engine.tf.getBackend()).toBe('tensorflow');
  });

  it('keeps the backend of the call before', async () => {
    await useEngine({ backend: 'cpu' });
    expect(await useEngine()).toMatchObject({ backend: 'cpu', why: 'asked for', threads: 1 });
    expect(await useEngine()).toBe(await useEngine());
  });

  it('refuses a backend that does not exist and a number of threads that is none', async () => {
    await expect(useEngine({ backend: 'cuda' as Backend })).rejects.toThrow(EngineError);
    await expect(useEngine({ backend: 'cuda' as Backend })).rejects.toThrow(
      'backend: expected tensorflow, wasm, cpu, got cuda',
    );
    await expect(useEngine({ threads: 0 })).rejects.toThrow('threads: expected a whole number >= 1, got 0');
  });

  it.skipIf(tensorflow !== '')(
    `refuses another number of threads than TensorFlow was loaded with${tensorflow}`,
    async () => {
      await expect(useEngine({ backend: 'tensorflow', threads: 99 })).rejects.toThrow(
        /threads: expected \d+, with which/,
      );
    },
  );
});

describe.skipIf(noBuild !== '')(`useEngine in a process of its own${noBuild}`, () => {
  const script = (options: string) =>
    `require(${JSON.stringify(built)}).useEngine(${options}).then(async ({ tf, ...engine }) => {
      tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync();
      console.log(JSON.stringify(engine));
    }, (error) => { console.log(JSON.stringify({ tag: error.tag, message: error.message })); });`;
  const start = (options: string, env: NodeJS.ProcessEnv = process.env) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script(options)], { encoding: 'utf8', env });
    return { engine: JSON.parse(stdout), stderr };
  };

  it.each(BACKENDS)('prints nothing of its own on %s', (backend) => {
    const { engine, stderr } = start(`{ backend: '${backend}' }`);
    if (backend !== 'tensorflow' || tensorflow === '') expect(engine).toMatchObject({ backend });
    expect(stderr).toBe('');
  });

  it.skipIf(tensorflow !== '')(`uses as many threads as asked for${tensorflow}`, () => {
    const { engine } = start("{ backend: 'tensorflow', threads: 1 }");
    expect(engine.threads).toBe(1);
    const busy = execFileSync(process.execPath, ['-e', BUSY], { encoding: 'utf8' });
    expect(Number(busy)).toBeLessThan(1.3); // processor seconds a second
  });

  const BUSY = `require(${JSON.stringify(built)}).useEngine({ threads: 1 }).then(({ tf }) => {
    const a = tf.ones([1024, 1024]);
    tf.matMul(a, a).dataSync();
    const before = process.cpuUsage();
    const start = performance.now();
    for (let i = 0; i < 10; i++) tf.tidy(() => tf.matMul(a, a).sum().dataSync());
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000 / (performance.now() - start));
  });`;
});
