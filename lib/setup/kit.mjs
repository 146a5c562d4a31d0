#!/usr/bin/env node
// The one entry behind every npm script: prepares what is missing, then runs the command.
//
//   node lib/setup/kit.mjs quickstart|test|lab|reproduce|data|doctor|bench [arguments]
//
// Plain JavaScript without packages: on a fresh clone nothing is installed yet.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import './closed-pipe.cjs';
import { say } from './steps.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const NODE = [20, 19];

/** Each command: the compiled program that it runs, or the module of this folder that does. */
const COMMANDS = {
  quickstart: { program: 'lib/dist/commands/quickstart.js' },
  reproduce: { program: 'lib/dist/commands/reproduce.js' },
  data: { program: 'data-scripts/dist/data.js' },
  doctor: { module: './doctor.mjs' },
  bench: { module: './bench.mjs' },
  test: { module: './test.mjs' },
  lab: { module: './lab.mjs' },
};

async function main([name, ...args]) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    say(`Node ${NODE.join('.')} or later is needed, this is ${process.versions.node} (nodejs.org, or nvm install 22).`);
    return 1;
  }
  const command = COMMANDS[name];
  if (command === undefined) {
    say(`expected one of ${Object.keys(COMMANDS).join(', ')}, got ${name ?? 'nothing'}`);
    return 2;
  }
  const { prepare } = await import('./prepare.mjs');
  const { homeFolder, prepareHome } = await import('./home.mjs');
  const home = name === 'doctor' ? homeFolder(ROOT) : prepareHome(ROOT);
  await prepare(ROOT, { thorough: name === 'doctor' });
  if (home !== ROOT) say(`home: data, runs, tables and notebooks are in ${home}`);
  if (command.module) return (await import(command.module)).default(ROOT, args, home);
  const { runAttached } = await import('./spawn.mjs');
  if (!existsSync(join(ROOT, command.program))) throw new Error(`${command.program}: expected the build to make it`);
  const closedPipe = join(ROOT, 'lib/setup/closed-pipe.cjs');
  return runAttached([process.execPath, '--require', closedPipe, join(ROOT, command.program), ...args], { cwd: home });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    say(error.message);
    if (process.argv[2] === 'test') process.stdout.write('\n0 passed, 1 failed, 0 skipped\n');
    process.exitCode = 1;
  },
);
