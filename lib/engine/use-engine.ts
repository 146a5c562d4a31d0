import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { availableCores } from './available-cores';
import { EngineError } from './engine-error';
import { loadedTensorflow, loadTensorflowBinding } from './tensorflow-binding';
import { loadWebgpuBackend } from './webgpu-backend';

const load = createRequire(__filename); // the backends are loaded only when they are asked for

/** The backends in the order in which they are tried: the fastest first. */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

/**
 * `tensorflow`: TensorFlow's C library, CPU or NVIDIA GPU; `webgpu`: any GPU, through Dawn, where its package is
 * installed; `wasm`: WebAssembly, 3 to 8 times slower; `cpu`: JavaScript.
 */
export type Backend = (typeof BACKENDS)[number];

/** Which backend to take, and how. */
export interface EngineOptions {
  /**
   * The backend; default: the first of `BACKENDS` that loads, `webgpu` only on a GPU. Asked for, `webgpu` also takes a
   * program that stands in for a GPU.
   */
  readonly backend?: Backend;
  /** Threads that one operation may use, 1 or more; default: the cores this process may use. `tensorflow` only. */
  readonly threads?: number;
}

/** The backend that computes from now on. */
export interface Engine {
  readonly backend: Backend;
  /** TensorFlow's version; on wasm and cpu the version of TensorFlow.js. */
  readonly version: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  readonly device: 'cpu' | 'gpu';
  /** What computes, as its driver names it; `webgpu` only. */
  readonly deviceName?: string;
  /** Whether TensorFlow takes oneDNN's convolutions and element-wise ops; `tensorflow` only. */
  readonly oneDnn?: boolean;
  /** Why plain ops compute in place of the kit's kernels, which are faster; `tensorflow` on the CPU only. */
  readonly plainOps?: string;
  /** Why this backend: asked for, or the first that loads, with what kept the faster ones from it. */
  readonly why: string;
  /** TensorFlow.js, which computes on this backend. */
  readonly tf: typeof tf;
}

let current: Engine | undefined;

/**
 * Sets up the backend that all of the kit's models compute on, and says which it is.
 *
 * Without options it keeps the backend of an earlier call, else takes the first of tensorflow, webgpu, wasm, cpu
 * that loads.
 *
 * In a worker thread of Node native code does not see variables that are set there: start the process with
 * TF_NUM_INTRAOP_THREADS, or call this in the main thread first.
 *
 * @param options `{ backend, threads }`
 * @returns the engine
 * @throws EngineError when the backend asked for does not load, with the reason; when `threads` differs from those that
 *   TensorFlow was loaded with, since it takes their number once a process
 */
export async function useEngine(options: EngineOptions = {}): Promise<Engine> {
  const { backend, threads } = options;
  if (backend !== undefined && !BACKENDS.includes(backend)) {
    throw new EngineError('backend', { expected: BACKENDS.join(', '), actual: String(backend) });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new EngineError('threads', { expected: 'a whole number >= 1', actual: String(threads) });
  }
  const stays = current !== undefined && (backend === undefined || backend === current.backend);
  const { threads: loaded } = loadedTensorflow() ?? {};
  const wantsTensorflow = stays ? current?.backend === 'tensorflow' : backend === undefined || backend === 'tensorflow';
  if (wantsTensorflow && loaded !== undefined && threads !== undefined && threads !== loaded) {
    const expected = `${loaded}, with which this process loaded TensorFlow`;
    throw new EngineError('threads', { expected, actual: String(threads) });
  }
  if (!stays) current = await firstThatLoads(backend, threads);
  return current!;
}

async function firstThatLoads(asked: Backend | undefined, threads: number | undefined): Promise<Engine> {
  const refused: string[] = [];
  for (const backend of asked === undefined ? BACKENDS : [asked]) {
    try {
      const loaded = await LOADERS[backend]({ threads: threads ?? coresOfThisProcess(), asked: asked !== undefined });
      const first = refused.length === 0 ? 'the fastest, and it loads' : refused.join('; ');
      return { backend, ...loaded, why: asked === undefined ? first : 'asked for', tf };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (asked !== undefined) {
        throw new EngineError(`backend ${backend}`, { expected: 'one that loads here', actual: reason, cause });
      }
      refused.push(`${backend} does not load: ${reason}`);
    }
  }
  throw new EngineError('backends', { expected: 'one that loads here', actual: refused.join('; ') });
}

type Loaded = Pick<Engine, 'version' | 'threads' | 'device' | 'deviceName' | 'oneDnn' | 'plainOps'>;

const LOADERS: Record<Backend, (options: { threads: number; asked: boolean }) => Promise<Loaded>> = {
  async tensorflow({ threads: wanted }) {
    const { gpu, plainOps, ...loaded } = loadTensorflowBinding(wanted);
    await select('tensorflow');
    return { ...loaded, device: gpu ? 'gpu' : 'cpu', ...(plainOps === undefined ? {} : { plainOps }) };
  },

  // A program that stands in for a GPU is slower than wasm: it is taken only when webgpu is asked for.
  async webgpu({ asked }) {
    const { name, software } = await loadWebgpuBackend({ software: asked });
    await select('webgpu');
    return { version: tf.version.tfjs, threads: 1, device: software ? 'cpu' : 'gpu', deviceName: name };
  },

  // In Node the wasm backend runs on one thread: its threads are web workers.
  async wasm() {
    const wasm: typeof import('@tensorflow/tfjs-backend-wasm') = load('@tensorflow/tfjs-backend-wasm');
    const files = dirname(load.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    wasm.setWasmPaths(`${join(files, 'dist')}/`);
    await select('wasm');
    return { version: tf.version.tfjs, threads: 1, device: 'cpu' };
  },

  async cpu() {
    await select('cpu');
    (tf.backend() as unknown as { firstUse: boolean }).firstUse = false; // else it prints an advertisement for tfjs-node
    return { version: tf.version.tfjs, threads: 1, device: 'cpu' };
  },
};

async function select(backend: Backend): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error('TensorFlow.js could not start it');
  await tf.ready();
}

function coresOfThisProcess(): number {
  const set = Number(process.env.TF_NUM_INTRAOP_THREADS); // TensorFlow's own variable, when the user has set it
  return Number.isInteger(set) && set >= 1 ? set : availableCores();
}
