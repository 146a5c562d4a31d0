/** Signals that ask a command to stop, by their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** A Ctrl-C reaches a command up to three times: from the terminal, from npm, from the script that npm runs. */
const SAME_MS = 1000;

/** How a command stops when it is asked to. */
export interface StopSignal {
  /** Aborted by the first SIGINT or SIGTERM; give it to long calls, which then stop with what they have done kept. */
  readonly signal: AbortSignal;
  /**
   * Says how to go on and sets the exit code (130 after SIGINT, 143 after SIGTERM), if an error is a call's answer to
   * the signal; else does nothing.
   *
   * @returns whether it was
   */
  explains(error: unknown): boolean;
}

/**
 * Takes over SIGINT and SIGTERM for a command: the first asks to stop, a second ends the process at once.
 *
 * @param command what to type to go on, such as `npm run quickstart`
 */
export function stopSignal(command: string): StopSignal {
  const controller = new AbortController();
  const reason = new Error('stopped');
  let code = 0;
  let asked = 0;
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (code !== 0) {
        if (performance.now() - asked > SAME_MS) process.exit(128 + number);
        return;
      }
      code = 128 + number;
      asked = performance.now();
      process.stderr.write(`\n${name}: stopping after this step; what is done is kept (again: stop at once)\n`);
      controller.abort(reason);
    });
  }
  return {
    signal: controller.signal,
    explains(error) {
      if (code === 0 || !causes(error).includes(reason)) return false;
      process.stderr.write(`stopped; go on from here with: ${command}\n`);
      process.exitCode = code;
      return true;
    },
  };
}

/** An error and what caused it. */
function causes(error: unknown): unknown[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? [error] : [error, ...causes(cause)];
}
