import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and collects what it prints.
 *
 * @param command the program and its arguments
 * @param options those of `child_process.spawn`; `timeoutMs` ends it (default: none)
 * @returns `{ code, output }`; `code` is 127 when the program does not exist, 124 after the timeout, 128 + n after signal n
 */
export function run([program, ...args], { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const end = forwardSignals(child);
    let output = '';
    let late = false;
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
    child.stdout?.on('data', (data) => {
      output += data;
    });
    child.stderr?.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      end();
      resolve({ code: 127, output: String(error.message) });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      end();
      resolve({ code: late ? 124 : (code ?? exitCode(signal)), output });
    });
  });
}

/** Runs a program that keeps this terminal; gives its exit code. Signals that end us end it too, and it ends first. */
export async function runAttached(command, options = {}) {
  const { code, output } = await run(command, { stdio: 'inherit', ...options });
  if (code === 127 && output) process.stderr.write(`${command[0]}: ${output}\n`);
  return code;
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** The exit code a shell gives for a signal: 130 for SIGINT, 143 for SIGTERM, 137 for SIGKILL. */
export function exitCode(signal) {
  return 128 + (SIGNALS[signal] ?? 9);
}

// A SIGTERM to this process alone must reach the child; a Ctrl-C in a terminal reaches both, and the child decides.
function forwardSignals(child) {
  const handlers = Object.keys(SIGNALS).map((signal) => [signal, () => child.kill(signal)]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** The last lines of what a program printed, indented, for an error message. */
export function tail(output, lines = 12) {
  return output
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n');
}
