// The cache's copy of TensorFlow's C libraries and headers, with a manifest of sizes, times and SHA-256.

import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashFile, readJson, requireSpace, writeJson } from './cache-files.mjs';
import { megabytes, say, step } from './steps.mjs';
import { unzip } from './unzip.mjs';
import { downloadWheel, TENSORFLOW } from './wheel.mjs';

const UNPACKED_BYTES = 854e6;

// Of a wheel that unpacks to 1.2 GB: two libraries, and the C headers that the binding includes.
const PARTS = new RegExp(
  '^tensorflow/(libtensorflow_(?:cc|framework)\\.so\\.2|include/' +
    '(?:tensorflow/c/.*|tensorflow/core/platform/ctstring.*|tsl/platform/ctstring.*|xla/tsl/c/.*))$',
);

/**
 * Sees to it that `folder` holds the libraries, whole.
 *
 * A file with another size or time than the manifest's is hashed; with other bytes, everything is made again.
 *
 * @param options.thorough hash them all, 1-3 s, although size and time are as recorded
 * @throws NoTensorflow
 */
export async function prepareLibraries(folder, wheel, { thorough = false } = {}) {
  if (existsSync(folder)) {
    const damage = thorough || !librariesLookWhole(folder) ? await findDamage(folder) : undefined;
    if (damage === undefined) return;
    say(`engine: the cache is damaged and is made again: ${damage}`);
  }
  const path = await downloadWheel(`${folder}.download`, wheel, UNPACKED_BYTES);
  await step('engine', `unpacking two libraries and the C headers (${megabytes(UNPACKED_BYTES)})`, async (progress) => {
    requireSpace(dirname(folder), UNPACKED_BYTES);
    const part = `${folder}.${process.pid}.part`;
    const files = await unzip(
      path,
      part,
      (name) => PARTS.exec(name)?.[1],
      (bytes) => progress(megabytes(bytes)),
    );
    if (files.filter((file) => file.path.startsWith('lib')).length !== 2)
      throw new Error(`${path}: a library is missing`);
    for (const file of files) file.mtimeMs = statSync(join(part, file.path)).mtimeMs;
    writeJson(join(part, 'manifest.json'), { tensorflow: TENSORFLOW, wheelSha256: wheel.sha256, files });
    const old = `${folder}.${process.pid}.old`;
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(part, folder);
    rmSync(old, { recursive: true, force: true });
    rmSync(dirname(path), { recursive: true });
    return folder;
  });
}

/** Whether every file has the size and time that the manifest says: a look of a millisecond. */
export function librariesLookWhole(folder) {
  const files = readJson(join(folder, 'manifest.json'))?.files;
  const whole = ({ path, size, mtimeMs }) => {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false });
    return stat?.size === size && stat.mtimeMs === mtimeMs;
  };
  return files?.every(whole) ?? false;
}

// What is wrong, in words; undefined when all bytes are right, and the manifest then gets the new times.
async function findDamage(folder) {
  const manifest = readJson(join(folder, 'manifest.json'));
  if (manifest?.files === undefined) return `${folder}: expected a readable manifest.json, got none`;
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return `${path}: expected a file, got none`;
    if (stat.size !== file.size) return `${path}: expected ${file.size} bytes, got ${stat.size}`;
    const sha256 = await hashFile(path);
    if (sha256 !== file.sha256) return `${path}: expected SHA-256 ${file.sha256}, got ${sha256}`;
    file.mtimeMs = stat.mtimeMs;
  }
  writeJson(join(folder, 'manifest.json'), manifest);
  return undefined;
}
