// The TensorFlow backend: C libraries out of TensorFlow's wheel on PyPI, and tfjs-node's binding compiled against them.
//
// The install script of @tensorflow/tfjs-node-gpu downloads libtensorflow 2.9.1 (2022) from a host that closed networks
// do not reach. We take the current TensorFlow from PyPI instead, which every network that has pip reaches, and compile
// the binding here: the build for the CPU, or where an NVIDIA card is, the one for CUDA with NVIDIA's libraries.
// Everything is kept in the user's cache folder, one copy for all checkouts.

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtBinding, compileBinding, installBinding } from './binding.mjs';
import { cpuBuild, cudaBuild } from './builds.mjs';
import { noSpaceLeft, readJson, removeLeftovers, writeJson } from './cache-files.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { mayWrite } from './home.mjs';
import { librariesLookWhole, prepareLibraries } from './libraries.mjs';
import { withLock } from './lock.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { findNvidia, whyNoCuda } from './nvidia.mjs';
import { say } from './steps.mjs';

const RETRY_AFTER_MS = 15 * 60_000;

/**
 * Sees to it that tfjs-node finds a working binding; does nothing when it has one.
 *
 * Where an NVIDIA card is found, the CUDA build is prepared, and when that fails, which one line says, the CPU build.
 *
 * @param options.cache the kit's cache folder
 * @param options.builds the builds to try, the best first, instead of this machine's
 * @param options.thorough hash the cached libraries even when their sizes and times are as recorded
 * @param options.addOns the folder that the binding goes into; default the one in which tfjs-node looks for it
 * @param options.tryAgain try although the last try, minutes ago, failed
 * @returns the folder of TensorFlow's libraries
 * @throws NoTensorflow
 */
export async function prepareTensorflow(options = {}) {
  const { cache = cacheFolder(), addOns, thorough = false, tryAgain = false } = options;
  const builds = options.builds ?? (await buildsHere(cache));
  for (const build of builds.slice(0, -1)) {
    try {
      return await prepareBuild(join(cache, build.folder), build, {
        addOns,
        thorough,
        tryAgain,
        retryAfterMs: Infinity,
      });
    } catch (error) {
      if (!(error instanceof NoTensorflow)) throw error;
      say(`engine: TensorFlow computes on the CPU, although there is an NVIDIA card: ${error.reason}; ${error.todo}.`);
    }
  }
  const build = builds.at(-1);
  return prepareBuild(join(cache, build.folder), build, { addOns, thorough, tryAgain, retryAfterMs: RETRY_AFTER_MS });
}

/**
 * The builds that this machine can run, the best first.
 *
 * The CUDA build, once it is in the cache, is also taken on machines without a card, on which it computes on the CPU: a
 * cluster's machines share cache and checkout.
 *
 * @throws NoTensorflow where there is none
 */
export async function buildsHere(cache = cacheFolder()) {
  const cpu = cpuBuild();
  const cuda = cudaBuild();
  if (cuda === undefined) return [cpu];
  const isCached = librariesLookWhole(join(cache, cuda.folder));
  return isCached || whyNoCuda(await findNvidia()) === undefined ? [cuda, cpu] : [cpu];
}

async function prepareBuild(folder, build, { addOns, thorough, tryAgain, retryAfterMs }) {
  const libraries = join(folder, build.libraries);
  const looksReady = librariesLookWhole(folder) && builtBinding(libraries) !== undefined;
  const isReady = looksReady && !(thorough && mayWrite(folder)); // a cache of another user's is taken as it is
  if (!isReady && !tryAgain) throwLastFailure(folder, retryAfterMs);
  try {
    if (!isReady) {
      const waiting = (by) => say(`engine: waiting for process ${by?.pid ?? '?'}, which prepares the same cache`);
      await withLock(`${folder}.lock`, () => make(folder, build, thorough), waiting);
    }
    const built = builtBinding(libraries);
    installBinding(built, addOns);
    if (built.noKernels !== undefined)
      say(`engine: TensorFlow computes in plain ops, slower than with the kit's own kernels: ${built.noKernels}.`);
    rmSync(failureFile(folder), { force: true });
    return libraries;
  } catch (cause) {
    const error = cause instanceof NoTensorflow ? cause : explain(cause, folder);
    rememberFailure(folder, error);
    throw error;
  }
}

async function make(folder, build, thorough) {
  for (const parent of [dirname(folder), folder, `${folder}.download`]) removeLeftovers(parent);
  await prepareLibraries(folder, build, { thorough });
  const libraries = join(folder, build.libraries);
  removeLeftovers(libraries);
  const built = builtBinding(libraries);
  if (built === undefined || (thorough && built.noKernels !== undefined)) await compileBinding(libraries);
}

function explain(error, folder) {
  if (['EACCES', 'EROFS', 'EPERM', 'ENOTDIR', 'EEXIST'].includes(error.code)) {
    return new NoTensorflow(
      `the cache folder cannot be written (${error.code}, ${error.path ?? folder})`,
      'make it writable or point XDG_CACHE_HOME to another place',
    );
  }
  if (['ENOSPC', 'EDQUOT'].includes(error.code)) return noSpaceLeft(dirname(folder));
  return new NoTensorflow(`the set-up failed (${error.message})`, 'run `npm run doctor` to try again');
}

// A try that failed is not repeated by every command: without a network it would cost each of them half a minute.
const failureFile = (folder) => `${folder}.failed.json`;

function rememberFailure(folder, { reason, todo }) {
  try {
    if (existsSync(dirname(folder))) writeJson(failureFile(folder), { at: new Date().toISOString(), reason, todo });
  } catch {} // the cache cannot be written: then every command tries anew
}

function throwLastFailure(folder, retryAfterMs) {
  const last = readJson(failureFile(folder));
  if (last !== undefined && Date.now() - Date.parse(last.at) < retryAfterMs)
    throw new NoTensorflow(last.reason, last.todo);
}

/** Why builds that this machine can run could not be prepared when they were last tried, `{ reason, todo }` each. */
export function lastFailures(cache = cacheFolder()) {
  if (!existsSync(cache)) return [];
  const files = readdirSync(cache).filter((name) => name.endsWith('.failed.json'));
  return files.map((name) => readJson(join(cache, name))).filter((failure) => failure !== undefined);
}
