import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../lib/engine/use-engine';

const BINDING = join(__dirname, '../node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');

/** The backends that can be tested here; `tensorflow` only where its binding has been set up. */
export const BACKENDS_HERE: Backend[] = existsSync(BINDING) ? ['tensorflow', 'wasm', 'cpu'] : ['wasm', 'cpu'];
