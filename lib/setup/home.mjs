// Where data, runs, tables, figures and the notebooks that a user edits lie: the checkout, or a folder laid out like it.

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** Whether this user may write into a folder. */
export function mayWrite(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder that `HYBRID_ECG_HOME` names, seen from where the user stands; else the checkout. */
export function homeFolder(root, environment = process.env) {
  const { HYBRID_ECG_HOME: named, INIT_CWD: from = process.cwd() } = environment;
  return named ? resolve(from, named) : root;
}

/** Why a checkout cannot hold what a user makes, and what to do. */
export const NO_HOME =
  'it cannot be written: set HYBRID_ECG_HOME to a folder of yours, for data, runs, tables and notebooks';

/**
 * Lays the home folder out like a checkout: the packages, the paper's tables, the standardised real ECGs and the finished
 * runs of the checkout by links, the notebooks as copies to work in. What is there stays.
 *
 * @throws Error when it cannot be written
 */
export function prepareHome(root) {
  const home = homeFolder(root);
  if (home === root) {
    if (!mayWrite(root)) throw new Error(`${root}: ${NO_HOME}`);
    return root;
  }
  try {
    layOut(root, home);
  } catch (error) {
    const actual = error.code === 'EEXIST' || error.code === 'ENOTDIR' ? 'no folder' : (error.code ?? error.message);
    throw new Error(`HYBRID_ECG_HOME: expected a folder that can be written, got ${home} (${actual})`);
  }
  return home;
}

function layOut(root, home) {
  for (const folder of ['notebooks', 'paper-tables', 'data/standardised', 'runs'])
    mkdirSync(join(home, folder), { recursive: true });
  accessSync(home, constants.W_OK);
  const marker = join(home, 'package.json'); // by its name the library knows a checkout
  if (!existsSync(marker))
    writeFileSync(marker, `${JSON.stringify({ name: 'hybrid-ecg-kit', private: true }, undefined, 2)}\n`);
  for (const name of readdirSync(join(root, 'notebooks')).filter((file) => file.endsWith('.ipynb'))) {
    const copy = join(home, 'notebooks', name);
    if (!existsSync(copy)) writeFileSync(copy, readFileSync(join(root, 'notebooks', name))); // with rights of one's own
  }
  const names = (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
  const stores = names('data/standardised').filter((name) => !name.startsWith('synthetic')); // those are made in seconds
  const finished = names('runs').filter((name) => existsSync(join(root, 'runs', name, 'run.json')));
  link(root, home, 'node_modules', 'paper-tables/published');
  link(root, home, ...stores.map((name) => `data/standardised/${name}`), ...finished.map((name) => `runs/${name}`));
}

function link(root, home, ...paths) {
  for (const path of paths) {
    try {
      symlinkSync(join(root, path), join(home, path));
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
