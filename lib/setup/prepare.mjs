import { join } from 'node:path';
import { isBuilt, prepareBuild } from './build.mjs';
import { mayWrite } from './home.mjs';
import { withLock } from './lock.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { missingPackages, preparePackages } from './packages.mjs';
import { say } from './steps.mjs';

/**
 * Prepares a checkout: packages, engine, build. What is there already costs milliseconds and prints nothing.
 *
 * A checkout that this user may not write into is taken as it is: it must have been prepared by its owner.
 *
 * @param root the checkout
 * @param options.thorough for the doctor: hash the engine's cache, and try again what failed minutes ago
 * @throws Error when the packages cannot be installed or the sources do not compile; a missing engine is no error
 */
export async function prepare(root, { thorough = false } = {}) {
  if (!mayWrite(root)) return checkPrepared(root);
  const waiting = (by) => say(`waiting for process ${by?.pid ?? '?'}, which prepares this checkout`);
  await withLock(join(root, '.kit/prepare.lock'), () => prepareLocked(root, thorough), waiting);
}

async function checkPrepared(root) {
  if (missingPackages(root) > 0 || !isBuilt(root)) {
    throw new Error(
      `${root}: expected a prepared checkout, for it cannot be written here; its owner runs \`npm run doctor\` in it`,
    );
  }
  const { installedVersion } = await import('./binding.mjs');
  if ((await installedVersion()) !== undefined) return;
  const todo = 'its owner runs `npm run doctor` in it, with XDG_CACHE_HOME at a folder that all may read';
  say(`engine: ${WASM}: the checkout cannot be written, and holds no TensorFlow that loads here; ${todo}.`);
}

const WASM = 'the kit runs on WebAssembly (wasm), 3 to 8 times slower';

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
      version === undefined ? WASM : `TensorFlow ${version} computes as it was set up before, but cannot be set up now`;
    say(`engine: ${computes}: ${error.reason}; ${error.todo}.`);
  }
}
