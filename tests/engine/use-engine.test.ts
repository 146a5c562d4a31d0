import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../lib/engine/engine-error';
import { BACKENDS, type Backend, useEngine } from '../../lib/engine/use-engine';
import { NO_WEBGPU } from '../backends';
import { softwareGpuVariables } from '../software-gpu';

const built = resolve(__dirname, '../../lib/dist/engine/use-engine.js');
const noBuild = existsSync(built) ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';

// TensorFlow is set up by `npm test` wherever Python, a compiler and the network are there.
const tensorflow = await useEngine({ backend: 'tensorflow' }).then(
  () => '',
  (error: Error) => ` (skipped: ${error.message})`,
);

const webgpu = NO_WEBGPU === undefined ? '' : ` (skipped: ${NO_WEBGPU})`;

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
    ...(await tf
      .grad((v) => loss(v as typeof x))(x)
      .data()),
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

  it.skipIf(webgpu !== '')(`computes the same gradient on WebGPU as in JavaScript${webgpu}`, async () => {
    const expected = await gradient('cpu');
    const actual = await gradient('webgpu');
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  });

  it.skipIf(webgpu !== '')(`says on WebGPU that values are read with await${webgpu}`, async () => {
    const { tf } = await useEngine({ backend: 'webgpu' });
    const product = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8]));
    expect(() => product.dataSync()).toThrow(/expected values read with `await tensor.data\(\)`/);
    await product.data();
    expect(product.dataSync()[0]).toBe(8); // read before: the values are here
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
      'backend: expected tensorflow, webgpu, wasm, cpu, got cuda',
    );
    await expect(useEngine({ threads: 0 })).rejects.toThrow('threads: expected a whole number >= 1, got 0');
  });

  it.skipIf(tensorflow !== '')(
    `refuses another number of threads than TensorFlow was loaded with${tensorflow}`,
    async () => {
      await expect(useEngine({ backend: 'tensorflow', threads: 99 })).rejects.toThrow(
        /threads: expected \d+, with which/,
      );
      const { backend } = await useEngine({ backend: 'cpu' });
      await expect(useEngine({ backend: 'tensorflow', threads: 99 })).rejects.toThrow(EngineError);
      const { backend: kept, tf } = await useEngine();
      expect([kept, tf.getBackend()]).toEqual([backend, backend]);
    },
  );
});

describe.skipIf(noBuild !== '')(`useEngine in a process of its own${noBuild}`, () => {
  /** @param without npm packages that are not there */
  const start = (
    options: string,
    { work = PRODUCT, without = [] as string[], env: more = {} as NodeJS.ProcessEnv } = {},
  ) => {
    const script = `const module = require('node:module');
      const resolve = module._resolveFilename;
      module._resolveFilename = (name, ...rest) => {
        if (${JSON.stringify(without)}.some((absent) => name.startsWith(absent))) throw new Error('not installed');
        return resolve(name, ...rest);
      };
      require(${JSON.stringify(built)}).useEngine(${options}).then(async ({ tf, ...engine }) => {
        await (${work})(tf);
        console.log(JSON.stringify(engine));
      }).catch((error) => { console.log(JSON.stringify({ tag: error.tag, message: error.message })); });`;
    const env = { ...process.env, ...softwareGpuVariables(), ...more };
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env });
    return { engine: JSON.parse(stdout), stderr };
  };
  const PRODUCT = 'async (tf) => { await tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).data(); }';
  const NO_BINDING = '@tensorflow/tfjs-node-gpu';

  it.each(BACKENDS)('prints nothing of its own on %s', (backend) => {
    const { engine, stderr } = start(`{ backend: '${backend}' }`);
    const missing = { tensorflow, webgpu, wasm: '', cpu: '' }[backend];
    if (missing === '') expect(engine).toMatchObject({ backend });
    expect(stderr).toBe('');
  });

  it('says how WebGPU is installed', () => {
    const { engine } = start("{ backend: 'webgpu' }", { without: ['webgpu'] });
    expect(engine).toEqual({
      tag: 'EngineError',
      message:
        'backend webgpu: expected one that loads here, got the npm package webgpu is not installed ' +
        '(`npm install --no-save webgpu@0.6.2` does it: 51 MB)',
    });
  });

  it('takes wasm by itself where there is neither TensorFlow nor WebGPU, and says why', () => {
    const { engine } = start('', { without: [NO_BINDING, 'webgpu'] });
    expect(engine).toMatchObject({ backend: 'wasm', device: 'cpu' });
    expect(engine.why).toMatch(/^tensorflow does not load: .*; webgpu does not load: .* is not installed/);
  });

  it.skipIf(tensorflow !== '')(`computes in plain ops where the kit's kernels do not load${tensorflow}`, () => {
    const sums = `async (tf) => {
      const { linear } = require(${JSON.stringify(resolve(built, '../linear.js'))});
      console.error(linear(tf.ones([1, 3]), tf.ones([2, 3]), tf.ones([2])).dataSync().join());
    }`;
    const kernels = resolve(__dirname, '../../node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/kernels-');
    const { engine, stderr } = start("{ backend: 'tensorflow' }", { without: [kernels], work: sums });
    expect(engine).toMatchObject({
      backend: 'tensorflow',
      plainOps: expect.stringMatching(/not installed|not been comp/),
    });
    expect(stderr).toBe('4,4\n');
  });

  it.skipIf(tensorflow !== '')(`takes oneDNN's ops unless the user says otherwise${tensorflow}`, () => {
    expect(start("{ backend: 'tensorflow' }", { env: { TF_ENABLE_ONEDNN_OPTS: undefined } }).engine.oneDnn).toBe(true);
    expect(start("{ backend: 'tensorflow' }", { env: { TF_ENABLE_ONEDNN_OPTS: '0' } }).engine.oneDnn).toBe(false);
    expect(start("{ backend: 'wasm' }").engine).not.toHaveProperty('oneDnn');
  });

  it.skipIf(webgpu !== '')(`takes WebGPU by itself on a GPU alone${webgpu}`, () => {
    const asked = start("{ backend: 'webgpu' }").engine;
    const { engine } = start('', { without: [NO_BINDING] });
    if (asked.device === 'gpu') {
      expect(engine).toMatchObject({ backend: 'webgpu', device: 'gpu', deviceName: asked.deviceName });
    } else {
      expect(engine.backend).toBe('wasm');
      expect(engine.why).toContain(`no GPU was found, but ${asked.deviceName}, a program on the CPU`);
    }
  });

  it.skipIf(webgpu !== '')(`throws where a GPU gives no result${webgpu}`, () => {
    const tooLarge = 'async (tf) => { await tf.fill([1 << 17, 1 << 16], 1).data(); }'; // 34 GB
    const { engine } = start("{ backend: 'webgpu' }", { work: tooLarge });
    expect(engine).toMatchObject({ tag: 'EngineError' });
    expect(engine.message).toMatch(/^webgpu: expected a result, got out of memory: .*\d/);
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
