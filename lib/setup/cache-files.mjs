// Files of the cache: hashed, measured, and written whole.

import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { alive } from './lock.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { megabytes } from './steps.mjs';

/** The SHA-256 of a file, in hex. */
export function hashFile(path) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path, { highWaterMark: 1 << 20 })
      .on('data', (data) => hash.update(data))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')));
  });
}

/** A JSON file's value; undefined when there is none or it is not JSON. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a JSON file whole or not at all. */
export function writeJson(path, value) {
  writeFileSync(`${path}.${process.pid}.part`, `${JSON.stringify(value, undefined, 1)}\n`, { flush: true });
  renameSync(`${path}.${process.pid}.part`, path);
}

/** The bytes of all files under a folder; 0 when there is none. */
export function bytesUnder(folder) {
  let sum = 0;
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      sum += statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {} // pip removes its folders while we look
  return sum;
}

/** @throws NoTensorflow when the folder's disk has fewer bytes free */
export function requireSpace(folder, bytes) {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new NoTensorflow(
    `${folder} has ${megabytes(bavail * bsize)} free and the set-up needs ${megabytes(bytes)}`,
    'free some space or point XDG_CACHE_HOME to a larger disk, then run `npm run doctor`',
  );
}

/** What to say when a disk is full. */
export function noSpaceLeft(folder) {
  const todo = 'free some space or point XDG_CACHE_HOME to a larger disk, then run `npm run doctor`';
  return new NoTensorflow(`no space is left on the disk of ${folder}`, todo);
}

/** Removes what killed runs left in a folder: names that end in the id of a process that is gone. */
export function removeLeftovers(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /(?:^|\.)(\d+)\.(?:part|old|stale)$/.exec(name)?.[1];
    if (pid !== undefined && !alive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
