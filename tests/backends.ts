import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, useEngine } from '../lib/engine/use-engine';
import { useSoftwareGpu } from './software-gpu';

const BINDING = join(__dirname, '../node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');

useSoftwareGpu();

/** Why `webgpu` cannot be tested here; undefined when it can. */
export const NO_WEBGPU: string | undefined = await useEngine({ backend: 'webgpu' }).then(
  () => undefined,
  (error: Error) => error.message,
);

/** The backends that can be tested here: `tensorflow` where its binding has been set up, `webgpu` where it loads. */
export const BACKENDS_HERE: Backend[] = [
  ...(existsSync(BINDING) ? (['tensorflow'] as const) : []),
  'wasm',
  ...(NO_WEBGPU === undefined ? (['webgpu'] as const) : []),
  'cpu',
];

/** Without `webgpu`, which takes minutes where it stands on a GPU in software: for what no backend decides. */
export const QUICK_BACKENDS_HERE: Backend[] = BACKENDS_HERE.filter((backend) => backend !== 'webgpu');
