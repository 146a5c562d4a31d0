import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProfile } from '../../lib/study/profiles';
import { smallCheckout } from '../study/small-checkout';

const root = resolve(__dirname, '../..');
const program = join(root, 'lib/dist/commands/reproduce.js');
const built = existsSync(program);

// As without npm: paths are seen from the working folder.
const { INIT_CWD, ...env } = process.env;

const ARGUMENTS = ['--profile', 'long.json', '--tables', '1'];

/** Runs the command until its pretraining has begun, and asks it to stop. */
async function stoppedBy(folder: string, signals: NodeJS.Signals[], more: readonly string[] = []) {
  const child = spawn(process.execPath, [program, ...ARGUMENTS, ...more], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((exit) => child.once('exit', exit));
  await Promise.race([progress(child), exited]);
  for (const signal of signals) child.kill(signal);
  return { code: await exited, stderr };
}

function progress(child: ChildProcess): Promise<void> {
  return new Promise((begun) => {
    child.stderr!.on('data', (text) => /pretrain contrastive.*: [1-9]\d* of/.test(String(text)) && begun());
  });
}

describe.skipIf(!built)('npm run reproduce (skipped when lib/dist is not built)', () => {
  it('saves a profile to make one’s own of, never over another file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'own-profile-'));
    const save = () =>
      spawnSync(process.execPath, [program, '--profile', 'tiny', '--save', 'mine.json'], { cwd: folder, env });
    expect(save().status).toBe(0);
    expect(readProfile(join(folder, 'mine.json'))).toEqual({
      ...readProfile('tiny'),
      name: 'mine',
      title: 'tiny, changed',
    });
    const again = save();
    expect([again.status, String(again.stderr)]).toEqual([1, expect.stringContaining('expected a new file')]);
    for (const name of ['ptbxl.json', 'mine.txt']) {
      const { stderr } = spawnSync(process.execPath, [program, '--profile', 'tiny', '--save', name], {
        cwd: folder,
        env,
      });
      expect(String(stderr)).toContain('expected a .json file that is not named as one');
      expect(existsSync(join(folder, name))).toBe(false);
    }
  });

  it('looks for a file where the user stands, for npm runs it in the checkout', () => {
    const folder = mkdtempSync(join(tmpdir(), 'own-profile-'));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [program, ...args], {
        cwd: root,
        env: { ...env, INIT_CWD: folder },
        encoding: 'utf8',
      });
    expect(run('--profile', 'tiny', '--save', 'mine.json').stdout).toContain('wrote mine.json; change it, then');
    expect(existsSync(join(folder, 'mine.json'))).toBe(true);
    expect(run('--profile', 'mine.json', '--save', 'copy.json').status).toBe(0);
    expect(readProfile(join(folder, 'copy.json')).title).toBe('mine.json, changed');
  });

  it.each(['1,x', '1,5-2', '1-3-5', '1,', '8'])('refuses the tables %s', (tables) => {
    const { status, stderr } = spawnSync(process.execPath, [program, '--profile', 'tiny', '--tables', tables]);
    expect([status, String(stderr)]).toEqual([1, expect.stringContaining('There is a recipe for tables 1, 2, 3')]);
  });

  it('asked to stop ends with a checkpoint, the exit code of the signal and the command to go on with', async () => {
    const folder = await smallCheckout({ name: 'long', epochs: 100_000 });
    const first = await stoppedBy(folder, ['SIGINT', 'SIGINT']); // as a Ctrl-C arrives: from the terminal and from npm
    expect(first.stderr).toContain('SIGINT: stopping after this step');
    expect(first.stderr.trim().split('\n').at(-1)).toBe(
      'stopped; go on from here with: npm run reproduce -- --profile long.json --tables 1',
    );
    expect(first.code).toBe(130);
    const [run] = readdirSync(join(folder, 'runs')).filter((name) => name.startsWith('pretrain-contrastive-'));
    const files = () => readdirSync(join(folder, 'runs', run)).sort();
    expect(files()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'elapsed.txt',
      'events.out.tfevents.pretraining',
      'metrics.jsonl',
    ]);
    const rows = () =>
      readFileSync(join(folder, 'runs', run, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n').length;
    const done = rows();

    const second = await stoppedBy(folder, ['SIGTERM']);
    expect(second.code).toBe(143);
    const [, from] = /pretrain contrastive.*: ([\d,]+) of/.exec(second.stderr)!;
    expect(Number(from.replaceAll(',', ''))).toBe(done + 1);
    expect(rows()).toBeGreaterThan(done);
    expect(files()).toContain('checkpoint-before.safetensors');
  });

  it('asked to stop while two processes train ends when both have a checkpoint', async () => {
    const folder = await smallCheckout({ name: 'long', epochs: 100_000 });
    const { code, stderr } = await stoppedBy(folder, ['SIGINT'], ['--workers', '2']);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^stopped; go on from here with: .* --workers 2$/);
    expect(code).toBe(130);
    const runs = readdirSync(join(folder, 'runs')).filter((name) => name.startsWith('pretrain-'));
    expect(runs).toHaveLength(2);
    for (const run of runs) {
      const files = readdirSync(join(folder, 'runs', run));
      expect(files).toContain('checkpoint.safetensors');
      expect(files).not.toContain('writing.lock');
    }
  });
});
