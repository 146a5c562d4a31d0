import { join } from 'node:path';
import { prepareBuild } from './build.mjs';
import { withLock } from './lock.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { preparePackages } from './packages.mjs';
import { say } from './steps.mjs';

/**
 * Prepares a checkout: packages, engine, build. What is there already costs milliseconds and prints nothing.
 *
 * @param root the checkout
 * @param options.thorough for the doctor: hash the engine's cache, and try again what failed minutes ago
 * @throws Error when the packages cannot be installed or the sources do not compile; a missing engine is no error
 */
export async function prepare(root, { thorough = false } = {}) {
  const waiting = (by) => say(`waiting for process ${by?.pid ?? '?'}, which prepares this checkout`);
  await withLock(join(root, '.kit/prepare.lock'), () => prepareLocked(root, thorough), waiting);
}

async function prepareLocked(root, thorough) {
  await preparePackages(root);
  await prepareEngine({ thorough });
  await prepareBuild(root);
}

/**
 * Prepares the TensorFlow backend. Where it cannot be had, one line says so, and what computes: TensorFlow as an earlier
 * set-up left it, else wasm.
 *
 * @param options.thorough as in `prepare`
 * @param options.addOns the folder of the add-ons, as in `prepareTensorflow`
 */
export async function prepareEngine({ thorough = false, addOns } = {}) {
  const { prepareTensorflow } = await import('./tensorflow.mjs');
  try {
    await prepareTensorflow({ thorough, tryAgain: thorough, addOns });
  } catch (error) {
    if (!(error instanceof NoTensorflow)) throw error;
    const { installedVersion } = await import('./binding.mjs');
    const version = await installedVersion(addOns);
    const computes =
      version === undefined
        ? 'the kit runs on WebAssembly (wasm), 3 to 8 times slower'
        : `TensorFlow ${version} computes as it was set up before, but cannot be set up now`;
    say(`engine: ${computes}: ${error.reason}; ${error.todo}.`);
  }
}
