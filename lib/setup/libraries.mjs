// The cache's copy of TensorFlow's C libraries and headers, and NVIDIA's, with a manifest of sizes, times and SHA-256.

import { chmodSync, existsSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TENSORFLOW } from './builds.mjs';
import { hashFile, readJson, requireSpace, writeJson } from './cache-files.mjs';
import { megabytes, say, step } from './steps.mjs';
import { unzip } from './unzip.mjs';
import { downloadWheel } from './wheel.mjs';

// Of a wheel that unpacks to 1.2 GB: two libraries, and the C headers that the binding includes. Of NVIDIA's: the
// libraries that TensorFlow or one of them loads, and the assembler.
const PARTS = [
  /^tensorflow\/libtensorflow_(?:cc|framework)\.so\.2$/,
  /^tensorflow\/include\/(?:tensorflow\/c|xla\/tsl\/c)\//,
  /^tensorflow\/include\/(?:tensorflow\/core|tsl)\/platform\/ctstring/,
  /^nvidia\/\w+\/lib\/lib(?!nvblas|cufftw|cusolverMg|nvperf|checkpoint|pcsampling|\w+(?:-\w+)?\.alt)[\w-]+\.so[.\d]*$/,
  /^nvidia\/cuda_nvcc\/(?:bin\/ptxas$|nvvm\/libdevice\/)/,
];

/**
 * Sees to it that `folder` holds a build's libraries, whole.
 *
 * A file with another size or time than the manifest's is hashed; with other bytes, everything is made again. Wheel after
 * wheel is downloaded and unpacked; what a run that was killed had unpacked stays.
 *
 * @param build of builds.mjs
 * @param options.thorough hash them all, a second a gigabyte, although size and time are as recorded
 * @throws NoTensorflow
 */
export async function prepareLibraries(folder, build, { thorough = false } = {}) {
  if (existsSync(folder)) {
    const damage = thorough || !librariesLookWhole(folder) ? await findDamage(folder) : undefined;
    if (damage === undefined) return;
    say(`engine: the cache is damaged and is made again: ${damage}`);
  }
  const stage = `${folder}.unpacked`;
  const done = (wheel) => join(stage, `${wheel.name}-${wheel.sha256.slice(0, 16)}.json`);
  const rest = build.wheels.filter((wheel) => !filesAreThere(stage, readJson(done(wheel))));
  if (build.wheels.length > 1 && rest.length > 0) say(`engine: ${rest.length} wheels of PyPI, ${sizeOf(rest)}`);
  while (rest.length > 0) {
    const needed = rest.reduce((sum, { unpacked }) => sum + unpacked, 0);
    const wheel = rest.shift();
    const path = await downloadWheel(`${folder}.download`, wheel, needed);
    const what = wheel.name.startsWith('nvidia') ? 'its libraries' : 'two libraries and the C headers';
    await step('engine', `unpacking ${what} (${megabytes(wheel.unpacked)})`, async (progress) => {
      requireSpace(dirname(folder), wheel.unpacked);
      const files = await unzip(path, stage, pathOf(build), (bytes) => progress(megabytes(bytes)));
      for (const file of files) {
        if (file.path.includes('/bin/')) chmodSync(join(stage, file.path), 0o755);
        file.mtimeMs = statSync(join(stage, file.path)).mtimeMs;
      }
      writeJson(done(wheel), files);
      rmSync(dirname(path), { recursive: true });
    });
  }
  const files = build.wheels.flatMap((wheel) => readJson(done(wheel)));
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    if (existsSync(join(stage, build.libraries, name))) continue;
    throw new Error(`${build.wheels[0].name} ${TENSORFLOW}: expected ${name} in it, got none`);
  }
  for (const [path, target] of Object.entries(build.links ?? {})) {
    rmSync(join(stage, path), { force: true });
    symlinkSync(target, join(stage, path));
  }
  for (const wheel of build.wheels) rmSync(done(wheel));
  writeJson(join(stage, 'manifest.json'), { tensorflow: TENSORFLOW, files });
  const old = `${folder}.${process.pid}.old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(stage, folder);
  rmSync(old, { recursive: true, force: true });
}

// Where an entry of a wheel goes; undefined for those that are left. The CPU build's folder is that of its libraries.
function pathOf({ libraries }) {
  return (name) => {
    if (!PARTS.some((part) => part.test(name))) return undefined;
    return libraries === '.' ? name.replace(/^tensorflow\//, '') : name;
  };
}

function sizeOf(wheels) {
  const sum = (key) => wheels.reduce((bytes, wheel) => bytes + wheel[key], 0) / 1e9;
  return `${sum('bytes').toFixed(1)} GB to download, ${sum('unpacked').toFixed(1)} GB on disk, once for all checkouts`;
}

/** Whether every file has the size and time that the manifest says: a look of a millisecond. */
export function librariesLookWhole(folder) {
  return filesAreThere(folder, readJson(join(folder, 'manifest.json'))?.files);
}

function filesAreThere(folder, files) {
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
