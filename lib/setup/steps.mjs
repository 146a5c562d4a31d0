// What the set-up prints: one line a step, with its size before it starts and its time when it ends.

/** Writes to stderr, so that what a command prints itself (JSON, say) stays clean on stdout. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs one step and prints `name: what ... result, seconds`.
 *
 * @param name the part of the kit that the step belongs to: packages, engine, build
 * @param what what is done and how big it is
 * @param work the step; it may report progress, shown on a terminal only; its string result is printed
 * @returns what `work` gives
 */
export async function step(name, what, work) {
  const start = Date.now();
  const terminal = process.stderr.isTTY;
  const line = `${name}: ${what} ...`;
  process.stderr.write(line);
  const progress = (text) => terminal && process.stderr.write(`\r\x1b[K${line} ${text}`);
  try {
    const result = await work(progress);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    const end = typeof result === 'string' ? `${result}, ${seconds} s` : `${seconds} s`;
    process.stderr.write(terminal ? `\r\x1b[K${line} ${end}\n` : ` ${end}\n`);
    return result;
  } catch (error) {
    process.stderr.write(terminal ? `\r\x1b[K${line} failed\n` : ' failed\n');
    throw error;
  }
}

/** Bytes as a person reads them: `274 MB`. */
export function megabytes(bytes) {
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}
