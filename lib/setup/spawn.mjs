import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and collects what it prints.
 *
 * A signal that ends us ends the program first, and then us: what it had done is no failure for the caller to judge.
 *
 * @param command the program and its arguments
 * @param options those of `child_process.spawn`; `timeoutMs` ends it (default: none)
 * @returns `{ code, output }`; `code` is 127 when the program does not exist, 124 after the timeout, 128 + n after signal n
 */
export async function run(command, options) {
  const { received, ...ended } = await runToItsEnd(command, options);
  return received === undefined ? ended : endBy(received);
}

/** Runs a program that shows this terminal what it does; a signal that ends us kills it and all that it has started. */
export async function runGroup(command, options) {
  const { received, code } = await runToItsEnd(command, {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    ...options,
  });
  if (received === undefined) return code;
  if (process.stdout.isTTY) process.stdout.write('\x1b[?25h'); // it may have hidden the cursor
  return endBy(received);
}

function endBy(signal) {
  process.kill(process.pid, signal); // programs that run beside it are waited for: the last that ends lets us go
  return new Promise(() => {});
}

/** Runs a program that keeps this terminal; gives its exit code. Signals that end us go to it, and it decides. */
export async function runAttached(command, options = {}) {
  const { code, output } = await runToItsEnd(command, { stdio: 'inherit', ...options });
  if (code === 127 && output) process.stderr.write(`${command[0]}: ${output}\n`);
  return code;
}

function runToItsEnd([program, ...args], { timeoutMs, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const signals = forwardSignals(child, options.detached);
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
      resolve({ code: 127, output: String(error.message), received: signals.stop() });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: late ? 124 : (code ?? exitCode(signal)), output, received: signals.stop() });
    });
  });
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** The exit code a shell gives for a signal: 130 for SIGINT, 143 for SIGTERM, 137 for SIGKILL. */
export function exitCode(signal) {
  return 128 + (SIGNALS[signal] ?? 9);
}

// A SIGTERM to this process alone must reach the child; a Ctrl-C in a terminal reaches both. `stop` gives the first one.
// A detached child leads a group of its own, which a terminal does not reach: it is killed whole.
function forwardSignals(child, detached) {
  let received;
  const forward = (signal) => {
    received ??= signal;
    if (detached && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill(signal);
  };
  for (const signal of Object.keys(SIGNALS)) process.on(signal, forward);
  const stop = () => {
    for (const signal of Object.keys(SIGNALS)) process.off(signal, forward);
    return received;
  };
  return { stop };
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
