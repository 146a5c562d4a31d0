// `npm run lab`: JupyterLab on the notebooks, with the TypeScript kernel of this checkout.

import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { packageIndex, whyNoIndex } from './network.mjs';
import { findPython } from './python.mjs';
import { run, runAttached, tail } from './spawn.mjs';
import { say, step } from './steps.mjs';

const JUPYTERLAB = '4.6.6';

/**
 * Starts JupyterLab and stays until it ends; makes `.venv` with it when no Python here has it.
 *
 * @param root the checkout, prepared
 * @param args given to JupyterLab (`--no-browser --port 9999`)
 * @param home the folder with the notebooks, data and runs
 * @returns JupyterLab's exit code
 */
export default async function lab(root, args, home = root) {
  const python = await pythonWithLab(root, home);
  const first = 'notebooks/00-start-here.ipynb';
  // Ctrl-C ends it as it ends every command: JupyterLab would ask, and go on after five seconds without an answer.
  const options = [`--ServerApp.root_dir=${home}`, '--ServerApp.answer_yes=True'];
  if (process.getuid?.() === 0) options.push('--allow-root');
  if (existsSync(join(home, first))) options.push(`--LabApp.default_url=/lab/tree/${first}`);
  return runAttached([python, '-m', 'jupyterlab', ...options, ...args], {
    cwd: home,
    env: { ...labEnvironment(root), ...profileEnvironment(home) },
  });
}

/** The environment in which Jupyter finds this checkout's kernel and settings, without an install step. */
export function labEnvironment(root, environment = process.env) {
  const first = (path, old) => (old ? `${path}${delimiter}${old}` : path);
  const folder = join(root, 'jupyter');
  return {
    ...environment,
    JUPYTER_PATH: first(folder, environment.JUPYTER_PATH),
    JUPYTER_CONFIG_PATH: first(folder, environment.JUPYTER_CONFIG_PATH),
    PATH: first(dirname(process.execPath), environment.PATH), // the kernel runs on the Node that runs this
  };
}

/** The notebooks' profile where nobody has set one: `tiny`, which makes its own ECGs, until there are real ones. */
function profileEnvironment(home, environment = process.env) {
  if (environment.HYBRID_ECG_PROFILE) return {};
  if (existsSync(join(home, 'data/standardised/ptb-xl/manifest.json'))) {
    say('lab: the notebooks run on all of PTB-XL, hours for what is not under runs/ yet; Ctrl-C here and');
    say('     `HYBRID_ECG_PROFILE=ptbxl-quick npm run lab` for a lesson of minutes, or `tiny`');
    return {};
  }
  say('lab: there is no PTB-XL here, so the notebooks run on synthetic ECGs (HYBRID_ECG_PROFILE=tiny)');
  return { HYBRID_ECG_PROFILE: 'tiny' };
}

async function pythonWithLab(root, home) {
  const venv = join(home, '.venv');
  const own = join(venv, 'bin/python');
  const found = await findPython({
    modules: ['jupyterlab'],
    candidates: [process.env.HYBRID_ECG_PYTHON, own, join(root, '.venv/bin/python'), 'python3'].filter(Boolean),
  });
  if (found.command) return found.command[0];
  await step('lab', `JupyterLab ${JUPYTERLAB} into .venv (about 60 MB to download, 240 MB on disk)`, async () => {
    if ((await run(['uv', '--version'])).code === 0) {
      await mustRun(['uv', 'venv', '--allow-existing', '--python', '>=3.10', venv]);
      await mustRun(['uv', 'pip', 'install', '--python', own, `jupyterlab==${JUPYTERLAB}`]);
    } else {
      const python = await findPython();
      const hint = 'Debian, Ubuntu: `apt install python3-venv`';
      if (!python.command) throw new Error(`JupyterLab needs Python, and ${python.reason} (${hint})`);
      await mustRun([...python.command, '-m', 'venv', venv], hint); // one that exists keeps its packages
      const pip = [own, '-m', 'pip', 'install', '--disable-pip-version-check'];
      await mustRun([...pip, `jupyterlab==${JUPYTERLAB}`]);
    }
  });
  return own;
}

async function mustRun(command, hint) {
  const { code, output } = await run(command);
  if (code === 0) return;
  const unreachable = whyNoIndex(output, await packageIndex([command[0], '-m', 'pip']));
  if (unreachable) throw new Error(`lab: ${unreachable.reason}; ${unreachable.todo}`);
  throw new Error(
    `${command.slice(0, 3).join(' ')} ended with exit code ${code}${hint ? ` (${hint})` : ''}:\n${tail(output)}`,
  );
}
