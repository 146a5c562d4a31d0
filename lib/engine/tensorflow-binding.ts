import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { setGpuDefaults } from './gpu-settings';
import { loadKernels } from './load-kernels';

const load = createRequire(__filename); // the backends are loaded only when they are asked for

/** What the loaded binding says of itself. */
export interface TensorflowBinding {
  /** TensorFlow's version, such as 2.21.0. */
  readonly version: string;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** Whether TensorFlow takes oneDNN's convolutions and element-wise ops, on the CPU. */
  readonly oneDnn: boolean;
  /** Why plain ops compute in place of the kit's kernels; undefined where these do, and on a GPU. */
  readonly plainOps?: string;
}

interface StderrGate {
  close(): boolean;
  open(): string;
}

let loaded: TensorflowBinding | undefined;

/** What this process has loaded; undefined before. */
export function loadedTensorflow(): TensorflowBinding | undefined {
  return loaded;
}

/**
 * Loads tfjs-node's binding to TensorFlow and registers the backend `tensorflow`; the first call in a process counts.
 *
 * The binding has no call for the number of threads: TensorFlow reads `TF_NUM_INTRAOP_THREADS` once, when it makes its
 * device, so it is written into the environment before. So is `TF_ENABLE_ONEDNN_OPTS`: TensorFlow would take oneDNN's ops
 * on some processors only, and a residual network trains a fifth faster with them on all (`npm run bench -- train`). A
 * value that the user has set stays.
 *
 * @param threads threads that one operation may use, 1 or more
 * @returns what the binding says of itself
 * @throws Error saying why it does not load
 */
export function loadTensorflowBinding(threads: number): TensorflowBinding {
  if (loaded !== undefined) return loaded;
  const addOns = join(packageFolder(), 'lib/napi-v8');
  if (!existsSync(join(addOns, 'tfjs_binding.node'))) {
    throw new Error('its binding has not been set up (`npm run doctor` does it and says what is missing)');
  }
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'; // warnings and errors, no notes; read when TensorFlow first logs
  setGpuDefaults();
  putBackUtil();
  const gate = join(addOns, 'stderr_gate.node');
  const node = behindGate(existsSync(gate) ? (load(gate) as StderrGate) : undefined, () =>
    load('@tensorflow/tfjs-node-gpu'),
  );
  const { binding, isUsingGpuDevice } = node.engine().findBackend('tensorflow');
  const plainOps = isUsingGpuDevice ? undefined : loadKernels(addOns); // the kit's kernels compute on the CPU
  const oneDnn = /^(1|true)$/i.test(process.env.TF_ENABLE_ONEDNN_OPTS);
  loaded = { version: binding.TF_Version, gpu: isUsingGpuDevice, threads, oneDnn, plainOps };
  return loaded;
}

function packageFolder(): string {
  try {
    return dirname(load.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  } catch {
    throw new Error('the npm package @tensorflow/tfjs-node-gpu is not installed');
  }
}

// tfjs-node 4.22 calls two functions that Node deprecates, with a warning, and removed one after the other from 23 on.
function putBackUtil(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  old.isArray = Array.isArray;
}

// TensorFlow logs these from static initialisers, before it reads TF_CPP_MIN_LOG_LEVEL.
const CHATTER = [/oneDNN custom operations are on/, /before absl::InitializeLog\(\) is called/];

function behindGate<T>(gate: StderrGate | undefined, work: () => T): T {
  const closed = gate?.close() ?? false;
  try {
    return work();
  } finally {
    const text = closed && gate !== undefined ? gate.open() : '';
    const lines = text.split('\n').filter((line) => line !== '' && !CHATTER.some((chatter) => chatter.test(line)));
    if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  }
}
