import { mkdtempSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dataProgram } from '../../data-scripts/program';
import { duration, progressLine } from '../../data-scripts/progress-line';

/** Runs `npm run data -- ARGS` in this process; its output, and its fault if it had one. */
async function run(...args: string[]): Promise<{ out: string; fault?: Error }> {
  const lines: string[] = [];
  const write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const spy of spies) spy.mockImplementation(write);
  const program = dataProgram();
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
    command.commands.forEach(quiet);
  };
  quiet(program);
  try {
    await program.parseAsync(['node', 'data', ...args]);
    return { out: lines.join('') };
  } catch (fault) {
    return { out: lines.join(''), fault: fault as Error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

afterEach(() => vi.restoreAllMocks());

describe('npm run data', () => {
  it('writes the synthetic cohort, standardises, verifies and describes it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-data-'));
    const [raw, store] = [join(folder, 'raw'), join(folder, 'store')];
    const written = await run('synthetic', '--to', raw, '--ecgs', '30');
    expect(written.fault).toBeUndefined();
    expect(written.out).toMatch(/42 ECGs of \d+ patients, 12 broken on purpose/);
    expect((await run('synthetic', '--to', raw, '--ecgs', '30')).out).toContain('there already');

    const standardised = await run('standardise', 'synthetic', '--from', raw, '--to', store);
    expect(standardised.fault).toBeUndefined();
    expect(standardised.out).toMatch(/42 records; rate 500/);
    expect(standardised.out).toMatch(/standardised in .* records\/s/);
    expect(standardised.out).toMatch(/synthetic in .*: 30 records of \d+ patients/);
    expect(standardised.out).toMatch(/rejected: 12 \(.*unreadable 3.*\); each in rejected.csv/);
    expect((await run('standardise', 'synthetic', '--from', raw, '--to', store)).out).toContain('there already');

    expect((await run('verify', 'synthetic', '--store', store)).out).toMatch(/30 records in 1 shards are whole/);
    const described = await run('describe', 'synthetic', '--store', store);
    expect(described.out).toMatch(/folds: 1 \d+.*\n {2}superclasses: NORM \d+, MI \d+/);

    truncateSync(join(store, 'shard-00000.npy'), 1000);
    expect((await run('verify', 'synthetic', '--store', store)).fault?.message).toMatch(/bytes of the shard/);
  });

  it('says what it does not know', async () => {
    expect((await run('standardize')).out).toMatch(/unknown command 'standardize'[\s\S]*Did you mean standardise/);
    expect((await run('standardise', 'ptbxl')).out).toMatch(
      /'ptbxl' is invalid for argument 'dataset'. Allowed choices are ptb-xl, synthetic/,
    );
    expect((await run('standardise', 'ptb-xl', '--form', 'x')).out).toMatch(/unknown option '--form'[\s\S]*--from/);
    expect((await run('synthetic', '--ecgs', 'many')).out).toContain('expected a whole number');
    expect((await run('standardise')).out).toContain('missing required argument');
    expect((await run('download', 'ptb-xl')).out).toContain("unknown command 'download'");
    const nowhere = await run('standardise', 'ptb-xl', '--from', '/nowhere');
    expect(nowhere.fault?.message).toMatch(/ptbxl_database.csv: CSV: expected a file, got none/);
  });
});

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
    line.end();
    expect(terminal.lines[0]).toMatch(
      /standardise ptb-xl ██████░+ 5,000 of 21,799 records, [\d,]+ records\/s, .* left/,
    );
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

  it('says times in words', () => {
    expect([0.4, 59, 60, 200, 7500].map(duration)).toEqual(['0 s', '59 s', '1 min 0 s', '3 min 20 s', '2 h 5 min']);
  });
});
