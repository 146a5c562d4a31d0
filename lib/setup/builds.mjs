// The builds of TensorFlow that the set-up can take from PyPI, and which of them a machine gets.

import { readFileSync } from 'node:fs';
import { NoTensorflow } from './no-tensorflow.mjs';

export const TENSORFLOW = '2.21.0';

// A wheel of wheels.json: the package's name and version on PyPI, pip's tag, its size in bytes, the bytes on disk of what
// is taken out of it, its SHA-256. A build: its folder in the cache, the folder in there with TensorFlow's libraries, and
// its wheels.
//
// The CUDA build is what `tensorflow[and-cuda]` asks for, at the last versions for CUDA 12, but for two that one card does
// not need: NCCL (between several cards) and cuRAND. TensorFlow finds the rest by its run path, $ORIGIN/../nvidia/*/lib,
// in which 2.21.0 forgot cusolver, and without it takes no card: a link puts it where it looks.
const WHEELS = JSON.parse(readFileSync(new URL('wheels.json', import.meta.url), 'utf8'));

/**
 * The build that computes on the CPU.
 *
 * @param options.platform as `linux-x64`
 * @param options.glibc the C library's version
 * @throws NoTensorflow on other systems than Linux with glibc >= 2.27 on x86-64 or aarch64
 */
export function cpuBuild({ platform, glibc } = thisMachine()) {
  const wheel = WHEELS.cpu[platform];
  if (wheel === undefined) {
    throw new NoTensorflow(
      `TensorFlow's C libraries are set up on Linux only (x86-64, aarch64), and this is ${platform}`,
      'a Linux machine, WSL or a container is 3 to 8 times as fast',
    );
  }
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(glibc) ?? [];
  if (!(major === '2' && Number(minor) >= 27)) {
    throw new NoTensorflow(
      `TensorFlow needs glibc >= 2.27, and this system has ${glibc}`,
      'a distribution with glibc (Debian, Ubuntu, Fedora) is 3 to 8 times as fast',
    );
  }
  return { folder: `tensorflow-${TENSORFLOW}-${platform}`, libraries: '.', wheels: [wheel] };
}

/** The build that computes on an NVIDIA GPU, and without one on the CPU; undefined where PyPI has none. */
export function cudaBuild({ platform } = thisMachine()) {
  const wheels = WHEELS.cuda[platform];
  const links = { 'nvidia/cublas/lib/libcusolver.so.11': '../../cusolver/lib/libcusolver.so.11' };
  return wheels && { folder: `tensorflow-cuda-${TENSORFLOW}-${platform}`, libraries: 'tensorflow', wheels, links };
}

function thisMachine() {
  process.report.excludeNetwork = true; // else Node looks up host names for the report
  const glibc = process.report.getReport().header.glibcVersionRuntime ?? 'another C library';
  return { platform: `${process.platform}-${process.arch}`, glibc };
}
