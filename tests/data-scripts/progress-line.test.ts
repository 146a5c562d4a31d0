import { afterEach, describe, expect, it, vi } from 'vitest';
import { byteCount, duration, progressLine } from '../../data-scripts/progress-line';

afterEach(() => vi.restoreAllMocks());

describe('progressLine', () => {
  const stream = (isTTY: boolean) => {
    const lines: string[] = [];
    return { lines, isTTY, write: (text: string) => lines.push(text) > 0 } as unknown as NodeJS.WriteStream & {
      lines: string[];
    };
  };

  it('draws a bar on a terminal and clears it', () => {
    const terminal = stream(true);
    const line = progressLine('standardise ptb-xl', 'records', terminal);
    line.update(5000, 21_799);
    line.say('a word');
    line.end();
    expect(terminal.lines[0]).toMatch(
      /standardise ptb-xl ██████░+ 5,000 of 21,799 records, [\d,]+ records\/s, .* left/,
    );
    expect(terminal.lines[1]).toBe(`\r\x1b[Ka word\n${terminal.lines[0].slice('\r\x1b[K'.length)}`);
    expect(terminal.lines.at(-1)).toBe('\r\x1b[K');
  });

  it('writes a plain line every five seconds elsewhere', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const file = stream(false);
    const line = progressLine('standardise ptb-xl', 'records', file);
    for (let second = 1; second <= 11; second++) {
      now.mockReturnValue(second * 1000);
      line.update(second * 1000, 21_000, 500);
    }
    expect(file.lines).toEqual([
      'standardise ptb-xl: 5,000 of 21,000 records, 900 records/s, 18 s left\n',
      'standardise ptb-xl: 10,000 of 21,000 records, 950 records/s, 12 s left\n',
    ]);
  });

  it('shows bytes, and fewer lines as time goes on', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const file = stream(false);
    const line = progressLine('download mimic-iv-ecg', 'bytes', file);
    for (let second = 1; second <= 3600; second++) {
      now.mockReturnValue(second * 1000);
      line.update(second * 4e6, 33.8e9);
    }
    expect(file.lines[0]).toBe('download mimic-iv-ecg: 20.0 MB of 33.8 GB, 4.0 MB/s, 2 h 20 min left\n');
    expect(file.lines.length).toBeLessThan(120);
  });

  it('says times and bytes in words', () => {
    expect([0.4, 59, 60, 200, 7500].map(duration)).toEqual(['0 s', '59 s', '1 min 0 s', '3 min 20 s', '2 h 5 min']);
    expect([0, 999, 1000, 999_499, 1.7e9, 33.8e9, 123e9].map(byteCount)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '999 kB',
      '1.7 GB',
      '33.8 GB',
      '123 GB',
    ]);
  });
});
