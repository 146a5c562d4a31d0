import { printable } from 'hybrid-ecg';

/** A line of a command's answer. */
export function say(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}
