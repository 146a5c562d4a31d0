// TensorFlow's wheel on PyPI: which one, and how it comes here.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesUnder, hashFile, requireSpace } from './cache-files.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { findPip } from './python.mjs';
import { run } from './spawn.mjs';
import { megabytes, step } from './steps.mjs';

export const TENSORFLOW = '2.21.0';

/** The wheel of each platform: the package's name on PyPI, pip's tag, its size in bytes, its SHA-256. */
const WHEELS = {
  'linux-x64': {
    name: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    bytes: 274_000_871,
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
  },
  'linux-arm64': {
    name: 'tensorflow',
    platform: 'manylinux_2_27_aarch64',
    bytes: 281_946_471,
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
  },
};

/**
 * This machine's wheel.
 *
 * @throws NoTensorflow on other systems than Linux with glibc >= 2.27 on x86-64 or aarch64
 */
export function wheelHere(platform = `${process.platform}-${process.arch}`) {
  const wheel = WHEELS[platform];
  if (wheel === undefined) {
    throw new NoTensorflow(
      `TensorFlow's C libraries are set up on Linux only (x86-64, aarch64), and this is ${platform}`,
      'a Linux machine, WSL or a container is 3 to 8 times as fast',
    );
  }
  process.report.excludeNetwork = true; // else Node looks up host names for the report
  const glibc = process.report.getReport().header.glibcVersionRuntime ?? 'another C library';
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(glibc) ?? [];
  if (major === '2' && Number(minor) >= 27) return wheel;
  throw new NoTensorflow(
    `TensorFlow needs glibc >= 2.27, and this system has ${glibc}`,
    'a distribution with glibc (Debian, Ubuntu, Fedora) is 3 to 8 times as fast',
  );
}

/**
 * Downloads the wheel with pip and checks its hash; takes the one that an earlier run left when its hash is right.
 *
 * `--python-version 3.12` names the wheel, whatever Python runs pip: only its C libraries are used.
 *
 * @param folder where it is kept; the caller removes it
 * @param wheel a row of WHEELS
 * @param needed bytes that the disk must have free besides
 * @returns the wheel's path
 * @throws NoTensorflow
 */
export async function downloadWheel(folder, wheel, needed) {
  const kept = join(folder, 'wheel.whl');
  if (existsSync(kept)) {
    if ((await hashFile(kept)) === wheel.sha256) return kept;
    rmSync(kept);
  }
  const pip = await findPip();
  if (pip.command === undefined) throw new NoTensorflow(pip.reason, pip.todo);
  const size = `${megabytes(wheel.bytes)}, once for all checkouts`;
  await step(
    'engine',
    `downloading TensorFlow ${TENSORFLOW} from PyPI with ${pip.name} (${size})`,
    async (progress) => {
      requireSpace(dirname(folder), 2 * wheel.bytes + needed); // pip unpacks its cache beside the file
      const part = join(folder, `${process.pid}.part`);
      mkdirSync(part, { recursive: true });
      const watch = setInterval(() => progress(megabytes(bytesUnder(part))), 500);
      const { code, output } = await run(
        [
          ...pip.command,
          'download',
          '--disable-pip-version-check',
          '--no-input',
          '--progress-bar',
          'off',
          '--retries',
          '2',
        ]
          .concat(['--no-deps', '--only-binary=:all:', '--python-version', '3.12', '--implementation', 'cp'])
          .concat(['--platform', wheel.platform, '--dest', part, `${wheel.name}==${TENSORFLOW}`]),
        { env: { ...process.env, TMPDIR: part } }, // pip's temporary files: /tmp is often too small for them
      );
      clearInterval(watch);
      const file = readdirSync(part).find((name) => name.endsWith('.whl'));
      if (code !== 0 || file === undefined) {
        throw new NoTensorflow(
          `pip could not download ${wheel.name} ${TENSORFLOW} (${lastError(output)})`,
          "check the network and pip's index settings, then run `npm run doctor`",
        );
      }
      const sha256 = await hashFile(join(part, file));
      if (sha256 !== wheel.sha256) {
        throw new NoTensorflow(
          `the wheel that pip brought is not the pinned one (SHA-256 ${sha256}, expected ${wheel.sha256})`,
          'see whether pip reads a mirror that changes packages, then run `npm run doctor`',
        );
      }
      renameSync(join(part, file), kept);
      rmSync(part, { recursive: true });
      return 'SHA-256 as pinned';
    },
  );
  return kept;
}

function lastError(output) {
  const lines = output.trim().split('\n');
  return (lines.filter((line) => line.startsWith('ERROR')).pop() ?? lines.pop()).slice(0, 200);
}
