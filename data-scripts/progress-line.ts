/** Shows how far a long task is: a bar on a terminal, a line every five seconds elsewhere. */
export interface ProgressLine {
  update(done: number, total: number, resumed?: number): void;
  end(): void;
}

/**
 * Starts a progress line.
 *
 * @param what the task, such as `standardise ptb-xl`
 * @param unit what is counted, such as `records`
 */
export function progressLine(what: string, unit: string, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const start = performance.now();
  const everyMs = stream.isTTY ? 100 : 5000;
  let last = stream.isTTY ? 0 : start;
  return {
    update(done, total, resumed = 0) {
      const now = performance.now();
      if (now - last < everyMs) return;
      last = now;
      const perSecond = ((done - resumed) / (now - start)) * 1000;
      const rate = `${count(Math.round(perSecond))} ${unit}/s`;
      const left = perSecond > 0 ? `${duration((total - done) / perSecond)} left` : '';
      const filled = Math.round((24 * done) / total);
      const bar = '\u2588'.repeat(filled) + '\u2591'.repeat(24 - filled);
      const text = `${count(done)} of ${count(total)} ${unit}, ${rate}, ${left}`;
      stream.write(stream.isTTY ? `\r\x1b[K${what} ${bar} ${text}` : `${what}: ${text}\n`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}

/** A count with thousands set off: 21,799. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A time in words: 8 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
