import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const SETUP = resolve(__dirname, '../../lib/setup');

/** What a process of the set-up printed and how it ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a script in a process of its own, with all that `modules` of lib/setup export in scope.
 *
 * @param modules files of lib/setup without their ending
 * @param script the body of an async function
 * @param env set on top of ours
 */
export function setUpProcess(
  modules: readonly string[],
  script: string,
  env: Record<string, string> = {},
): Promise<Ended> {
  return ended(startSetUp(modules, script, env));
}

/** The same process while it runs. */
export function startSetUp(modules: readonly string[], script: string, env: Record<string, string> = {}): ChildProcess {
  const imports = modules.map((name) => `...(await import(${JSON.stringify(join(SETUP, `${name}.mjs`))}))`);
  const source = `(async () => { const setup = { ${imports.join(', ')} }; ${script} })();`;
  const noCards = { CUDA_VISIBLE_DEVICES: '' }; // whatever this machine has
  return spawn(process.execPath, ['-e', source], { env: { ...process.env, ...noCards, ...env } });
}

/** Waits for a process to end. */
export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((done) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/**
 * A folder to be the whole PATH, with the given programs as shell scripts.
 *
 * @returns the folder
 */
export function onlyPrograms(folder: string, programs: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync('/bin/sh', join(folder, 'sh'));
  symlinkSync('/bin/cp', join(folder, 'cp'));
  symlinkSync(process.execPath, join(folder, 'node'));
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** A python3 whose `pip download` copies a file, and writes a line a call to `calls`. */
export function pythonThatDownloads(wheel: string, calls: string): string {
  return [
    'if [ "$1" = -c ]; then echo 3.11.0; exit 0; fi',
    `echo "$@" >> '${calls}'`,
    'while [ "$1" != --dest ]; do shift; done',
    `exec cp '${wheel}' "$2/${wheel.slice(dirname(wheel).length + 1)}"`,
  ].join('\n');
}
