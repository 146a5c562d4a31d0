import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { EngineError } from './engine-error';
import { mendWebgpuKernels } from './webgpu-kernels';

const load = createRequire(__filename); // the backend is loaded only when it is asked for

/** The command that brings Dawn, the WebGPU of Chromium, as the npm package `webgpu`: 51 MB, 138 MB on disk. */
export const INSTALL_WEBGPU = 'npm install --no-save webgpu@0.6.2';

/** The graphics processor that computes, or the program that stands in for one. */
export interface WebgpuDevice {
  /** As its driver names it. */
  readonly name: string;
  /** Whether it is a program on the CPU (SwiftShader, lavapipe, WARP): right, and slower than wasm. */
  readonly software: boolean;
}

let loaded: WebgpuDevice | undefined;

/**
 * Registers TensorFlow.js's backend `webgpu` on Dawn; the first call in a process counts.
 *
 * Node has no WebGPU of its own: the package gives the classes, which the backend expects as globals, and the GPU.
 * Values are read with `await tensor.data()`; `dataSync` works on a tensor that was read so before.
 *
 * @param options.software also take a program that stands in for a GPU
 * @throws Error saying why it does not load
 */
export async function loadWebgpuBackend({ software }: { software: boolean }): Promise<WebgpuDevice> {
  if (loaded === undefined) {
    const dawn = await importDawn();
    Object.assign(globalThis, dawn.globals);
    gpu = dawn.create([]);
    const adapter = (await gpu.requestAdapter({ powerPreference: 'high-performance' })) as Adapter | null;
    if (adapter === null) throw new Error('no GPU that Vulkan, Metal or Direct3D 12 can use was found');
    const { description, device, vendor, isFallbackAdapter } = adapter.info;
    const found = { name: description || device || vendor || 'a GPU without a name', software: isFallbackAdapter };
    if (found.software && !software) throw new Error(`no GPU was found, but ${found.name}, a program on the CPU`);
    register(await requestDevice(adapter), adapter.info, gpu);
    loaded = found;
  }
  if (loaded.software && !software) throw new Error(`no GPU was found, but ${loaded.name}, a program on the CPU`);
  return loaded;
}

interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: Record<string, unknown>;
}

/** The types that TensorFlow.js brings are older than `info`. */
type Adapter = GPUAdapter & { readonly info: GPUAdapterInfo & { readonly isFallbackAdapter: boolean } };

/** Kept for as long as the process lives: what it made ends with it. */
let gpu: GPU | undefined;

async function importDawn(): Promise<Dawn> {
  let path: string;
  try {
    path = load.resolve('webgpu');
  } catch {
    throw new Error(`the npm package webgpu is not installed (\`${INSTALL_WEBGPU}\` does it: 51 MB)`);
  }
  return import(pathToFileURL(path).href);
}

function requestDevice(adapter: Adapter): Promise<GPUDevice> {
  const limits = [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxComputeWorkgroupSizeX',
    'maxComputeInvocationsPerWorkgroup',
  ] as const; // what the backend makes use of
  const requiredLimits = Object.fromEntries(limits.map((name) => [name, adapter.limits[name]]));
  return adapter.requestDevice({ requiredLimits });
}

function register(device: GPUDevice, info: GPUAdapterInfo, gpu: GPU): void {
  const { WebGPUBackend }: typeof import('@tensorflow/tfjs-backend-webgpu') = load('@tensorflow/tfjs-backend-webgpu');
  const backend = withNavigator({ gpu }, () => new WebGPUBackend(device, info));
  const firstFault = watch(device);
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const result = await read(dataId).catch((cause: Error) => cause);
    const cause = result instanceof Error ? result : undefined;
    const fault = firstFault() ?? (cause?.message || cause?.name);
    if (fault !== undefined) throw new EngineError('webgpu', { expected: 'a result', actual: fault, cause });
    return result as tf.BackendValues;
  };
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const { values, dtype } = backend.tensorMap.get(dataId as never);
    if (values || dtype === 'complex64') return readSync(dataId);
    throw new EngineError('webgpu', {
      expected: 'values read with `await tensor.data()`',
      actual: 'dataSync(), which cannot wait for a GPU',
    });
  };
  tf.registerBackend('webgpu', () => backend, 3);
  mendWebgpuKernels({ buffers: device.limits.maxStorageBuffersPerShaderStage - 1 }); // one is the result's
}

const REFUSED_MEMORY = /exceeds the max buffer size|maximum storage buffer binding size|OUT_OF_[A-Z]+_MEMORY/;

/** What went wrong first on the GPU: it says so later than the call, and all that follows would be zeros. */
function watch(device: GPUDevice): () => string | undefined {
  let first: string | undefined;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    const message = (event as GPUUncapturedErrorEvent).error.message.split('\n')[0]; // then where Dawn was
    first ??= REFUSED_MEMORY.test(message) ? `out of memory: ${message}` : message;
  });
  device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') first ??= `the GPU was lost: ${message}`;
  });
  return () => first;
}

/** The backend's constructor looks for `navigator.gpu`; other libraries would take a navigator for a browser. */
function withNavigator<T>(navigator: { gpu: GPU }, work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  try {
    return work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}
