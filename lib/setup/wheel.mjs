// A wheel comes here from PyPI.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesUnder, hashFile, noSpaceLeft, requireSpace } from './cache-files.mjs';
import { PIP_TODO, packageIndex, SILENCE_S, whyNoIndex } from './network.mjs';
import { NoTensorflow } from './no-tensorflow.mjs';
import { findPip } from './python.mjs';
import { run } from './spawn.mjs';
import { megabytes, say, step } from './steps.mjs';

export { TENSORFLOW } from './builds.mjs';

/**
 * Downloads a wheel with pip and checks its hash; takes the one that an earlier run left when its hash is right.
 *
 * `--python-version 3.12` names the wheel, whatever Python runs pip: only its C libraries are used.
 *
 * @param folder where it is kept; the caller removes it
 * @param wheel one of a build of builds.mjs
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
  const title = wheel.name.startsWith('tensorflow') ? 'TensorFlow' : wheel.name;
  const size = `${megabytes(wheel.bytes)}, once for all checkouts`;
  await step(
    'engine',
    `downloading ${title} ${wheel.version} from PyPI with ${pip.name} (${size})`,
    async (progress) => {
      requireSpace(dirname(folder), 2 * wheel.bytes + needed); // pip unpacks its cache beside the file
      const part = join(folder, `${process.pid}.part`);
      mkdirSync(part, { recursive: true });
      const sayIfSilent = setTimeout(async () => {
        if (bytesUnder(part) > 0) return;
        const silent = `nothing has come from ${await packageIndex(pip.command)} in ${SILENCE_S} s`;
        say(`\nengine: ${silent}; ${PIP_TODO}. Waiting for as long as pip does.`);
      }, SILENCE_S * 1000);
      const watch = setInterval(() => progress(megabytes(bytesUnder(part))), 500);
      const { code, output } = await run(
        [...pip.command, 'download', '--disable-pip-version-check', '--no-input', '--no-cache-dir']
          .concat(['--progress-bar', 'off', '--retries', '2', '--no-deps', '--only-binary=:all:'])
          .concat(['--python-version', '3.12', '--implementation', 'cp', '--platform', wheel.platform])
          .concat(['--dest', part, `${wheel.name}==${wheel.version}`]),
        { env: { ...process.env, TMPDIR: part } }, // pip's temporary files: /tmp is often too small for them
      );
      clearInterval(watch);
      clearTimeout(sayIfSilent);
      const file = readdirSync(part).find((name) => name.endsWith('.whl'));
      if (output.includes('No space left on device')) throw noSpaceLeft(part);
      if (code !== 0 || file === undefined) {
        const { reason, todo } = whyNoIndex(output, await packageIndex(pip.command)) ?? {
          reason: `pip could not download ${wheel.name} ${wheel.version} (${lastError(output)})`,
          todo: "check pip's index settings",
        };
        throw new NoTensorflow(reason, `${todo}, then run \`npm run doctor\``);
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
