import { printable } from 'hybrid-ecg';

/** Shows how far a long task is: a bar on a terminal, plain lines elsewhere, fewer as time goes on. */
export interface ProgressLine {
  update(done: number, total: number, resumed?: number): void;
  /** Writes a line of its own, above the bar. */
  say(text: string): void;
  end(): void;
}

/**
 * Starts a progress line.
 *
 * Without a terminal a line comes every five seconds, and later on after every twentieth of the time so far.
 *
 * @param what the task, such as `standardise ptb-xl`
 * @param unit what is counted, such as `records`; `bytes` are shown as kB, MB and GB
 */
export function progressLine(what: string, unit: string, stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const start = performance.now();
  const task = printable(what);
  let last = stream.isTTY ? 0 : start;
  let bar = '';
  return {
    update(done, total, resumed = 0) {
      const now = performance.now();
      if (now - last < (stream.isTTY ? 100 : Math.max(5000, (now - start) / 20))) return;
      last = now;
      const perSecond = ((done - resumed) / (now - start)) * 1000;
      const left = perSecond > 0 ? `, ${duration(Math.max(0, total - done) / perSecond)} left` : '';
      const text = `${amounts(done, total, unit)}, ${rateOf(perSecond, unit)}${left}`;
      const filled = total > 0 ? Math.min(24, Math.round((24 * done) / total)) : 0;
      bar = `${task} ${'\u2588'.repeat(filled)}${'\u2591'.repeat(24 - filled)} ${text}`;
      stream.write(stream.isTTY ? `\r\x1b[K${bar}` : `${task}: ${text}\n`);
    },
    say(text) {
      stream.write(`${stream.isTTY ? '\r\x1b[K' : ''}${printable(text)}\n${stream.isTTY ? bar : ''}`);
    },
    end() {
      if (stream.isTTY) stream.write('\r\x1b[K');
      bar = '';
    },
  };
}

function amounts(done: number, total: number, unit: string): string {
  if (unit === 'bytes') return `${byteCount(done)} of ${byteCount(total)}`;
  return `${count(done)} of ${count(total)} ${unit}`;
}

function rateOf(perSecond: number, unit: string): string {
  return unit === 'bytes' ? `${byteCount(perSecond)}/s` : `${count(Math.round(perSecond))} ${unit}/s`;
}

/** A count with thousands set off: 21,799. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Bytes as 950 B, 12.3 kB, 1.7 GB: decimal units, as publishers give sizes. */
export function byteCount(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A time in words: 8 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
