// The TensorFlow backend: C libraries out of TensorFlow's wheel on PyPI, and tfjs-node's binding compiled against them.
//
// The install script of @tensorflow/tfjs-node-gpu downloads libtensorflow 2.9.1 (2022) from a host that closed networks
// do not reach. We take the current TensorFlow from PyPI instead, which every network that has pip reaches, and compile
// the binding here. Everything is kept in the user's cache folder, one copy for all checkouts.

import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtBinding, compileBinding, installBinding } from './binding.mjs';
import { readJson, removeLeftovers, writeJson } from './cache-files.mjs';
import { cacheFolder } from './cache-folder.mjs';
import { librariesLookWhole, prepareLibraries } from './libraries.mjs';
import { withLock } from './lock.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { say } from './steps.mjs';
import { TENSORFLOW, wheelHere } from './wheel.mjs';

const RETRY_AFTER_MS = 15 * 60_000;

/** The folder of this platform's libraries in the cache. */
export function librariesFolder(cache = cacheFolder()) {
  return join(cache, `tensorflow-${TENSORFLOW}-${process.platform}-${process.arch}`);
}

/**
 * Sees to it that tfjs-node finds a working binding; does nothing when it has one.
 *
 * @param options.cache the kit's cache folder
 * @param options.wheel the wheel to take instead of this platform's
 * @param options.thorough hash the cached libraries even when their sizes and times are as recorded
 * @param options.tryAgain try although the last try, minutes ago, failed
 * @returns the libraries' folder
 * @throws NoTensorflow
 */
export async function prepareTensorflow(options = {}) {
  const { cache = cacheFolder(), thorough = false, tryAgain = false } = options;
  const folder = librariesFolder(cache);
  try {
    const wheel = options.wheel ?? wheelHere();
    if (thorough || !librariesLookWhole(folder) || builtBinding(folder) === undefined) {
      if (!tryAgain) throwLastFailure(folder);
      const waiting = (by) => say(`engine: waiting for process ${by?.pid ?? '?'}, which prepares the same cache`);
      await withLock(`${folder}.lock`, () => make(folder, wheel, thorough), waiting);
    }
    installBinding(builtBinding(folder));
    rmSync(failureFile(folder), { force: true });
    return folder;
  } catch (cause) {
    const error = cause instanceof NoTensorflow ? cause : explain(cause, folder);
    rememberFailure(folder, error);
    throw error;
  }
}

async function make(folder, wheel, thorough) {
  for (const parent of [dirname(folder), folder, `${folder}.download`]) removeLeftovers(parent);
  await prepareLibraries(folder, wheel, { thorough });
  if (builtBinding(folder) === undefined) await compileBinding(folder);
}

function explain(error, folder) {
  if (['EACCES', 'EROFS', 'EPERM'].includes(error.code)) {
    return new NoTensorflow(
      `the cache folder cannot be written (${error.code}, ${error.path ?? folder})`,
      'make it writable or point XDG_CACHE_HOME to another place',
    );
  }
  if (error.code === 'ENOSPC') {
    const todo = 'free 1.5 GB or point XDG_CACHE_HOME to a larger disk, then run `npm run doctor`';
    return new NoTensorflow(`no space is left on the disk of ${dirname(folder)}`, todo);
  }
  return new NoTensorflow(`the set-up failed (${error.message})`, 'run `npm run doctor` to try again');
}

// A try that failed is not repeated by every command: without a network it would cost each of them half a minute.
const failureFile = (folder) => `${folder}.failed.json`;

function rememberFailure(folder, { reason, todo }) {
  try {
    if (existsSync(dirname(folder))) writeJson(failureFile(folder), { at: new Date().toISOString(), reason, todo });
  } catch {} // the cache cannot be written: then every command tries anew
}

function throwLastFailure(folder) {
  const last = readJson(failureFile(folder));
  if (last !== undefined && Date.now() - Date.parse(last.at) < RETRY_AFTER_MS)
    throw new NoTensorflow(last.reason, last.todo);
}
