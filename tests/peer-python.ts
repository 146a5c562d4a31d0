import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * A Python that imports all the given modules, or undefined: the tests that check our numbers against it then skip.
 *
 * Tried in order: `HYBRID_ECG_PYTHON`, the checkout's `.venv`, `python3`.
 */
export function peerPython(...modules: string[]): string | undefined {
  const venv = resolve(__dirname, '../.venv/bin/python');
  const candidates = [process.env.HYBRID_ECG_PYTHON, existsSync(venv) ? venv : undefined, 'python3'];
  return candidates.find(
    (python) =>
      python !== undefined &&
      spawnSync(python, ['-c', modules.map((name) => `import ${name}`).join('\n')], { stdio: 'ignore' }).status === 0,
  );
}
