import { run } from './spawn.mjs';

const PYTHONS = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python3.9',
  'python3.8',
  'python',
];

/**
 * A Python with the given modules.
 *
 * @param options.oldest the version from which on it will do; default 3.10, JupyterLab's
 * @returns `{ command: [path], version, reason }`; `command` is undefined when there is none, and `reason` says why
 */
export async function findPython({ modules = [], candidates = PYTHONS, oldest = [3, 10] } = {}) {
  let reason = `no Python >= ${oldest.join('.')} was found`;
  for (const name of candidates) {
    const script = `import sys; print("%d.%d.%d" % sys.version_info[:3])\n${modules.map((module) => `import ${module}\n`).join('')}`;
    const { code, output } = await run([name, '-c', script], { timeoutMs: 60_000 });
    const version = /^(\d+)\.(\d+)\.\d+/m.exec(output);
    if (version === null) continue;
    if (Number(version[1]) !== oldest[0] || Number(version[2]) < oldest[1]) {
      reason = `${name} is ${version[0]}, and ${oldest.join('.')} or later is needed`;
    } else if (code !== 0) {
      reason = `${name} ${version[0]} has no ${modules.join(', ')}`;
    } else {
      return { command: [name], version: version[0] };
    }
  }
  return { reason };
}

/** A way to call pip, for downloads alone: `{ command, name }`, or `{ reason, todo }` when there is none. */
export async function findPip() {
  const python = await findPython({ modules: ['pip'], oldest: [3, 8] });
  if (python.command) return { command: [...python.command, '-m', 'pip'], name: `pip of Python ${python.version}` };
  if ((await run(['uv', 'tool', 'run', 'pip', '--version'], { timeoutMs: 60_000 })).code === 0) {
    return { command: ['uv', 'tool', 'run', 'pip'], name: 'pip through uv' };
  }
  const todo = 'install it (Debian, Ubuntu: `apt install python3 python3-pip`), then run `npm run doctor`';
  return { reason: `TensorFlow comes through pip, and ${python.reason}`, todo };
}
