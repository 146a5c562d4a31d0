import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeStore } from '../../lib/store/write-store';
import { tiny } from '../../lib/study/profiles/tiny';
import { exampleDataset } from '../store/example-dataset';

const root = resolve(__dirname, '../..');
const program = join(root, 'lib/dist/commands/reproduce.js');
const built = existsSync(program);

/** A checkout with a small store in place of the synthetic cohort, and a profile on it that would train for hours. */
async function checkout(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'hybrid-ecg-kit' }));
  mkdirSync(join(folder, 'paper-tables'));
  symlinkSync(join(root, 'paper-tables/published'), join(folder, 'paper-tables/published'));
  await writeStore(join(folder, 'data/standardised/synthetic'), exampleDataset(60));
  const architecture = { patchSize: 250, blockDepth: 1, embeddingSize: 16, headDim: 8 };
  const method = { architecture, epochs: 100_000, learningRate: 1e-3 };
  const methods = { contrastive: method, generative: method, hybrid: method };
  const pretraining = { ...tiny.pretraining, batchSize: 16, methods };
  const folds = { pretrain: [1, 2, 3, 4, 5, 6], train: [1, 2, 3, 4, 5, 6], validation: [8, 9], test: [7, 10] }; // both classes in each
  const splits = Object.fromEntries(Object.entries(folds).map(([split, list]) => [split, { folds: list }]));
  const data = { dataset: 'synthetic', ...splits };
  writeFileSync(join(folder, 'long.json'), JSON.stringify({ ...tiny, name: 'long', data, pretraining }));
  return folder;
}

const ARGUMENTS = ['--profile', 'long.json', '--tables', '1'];

/** Runs the command until its pretraining has begun, and asks it to stop. */
async function stoppedBy(folder: string, ...signals: NodeJS.Signals[]) {
  const child = spawn(process.execPath, [program, ...ARGUMENTS], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
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
    child.stderr!.on('data', (text) => /pretrain contrastive.*: \d+ of/.test(String(text)) && begun());
  });
}

describe.skipIf(!built)('npm run reproduce (skipped when lib/dist is not built)', () => {
  it('asked to stop ends with a checkpoint, the exit code of the signal and the command to go on with', async () => {
    const folder = await checkout();
    const first = await stoppedBy(folder, 'SIGINT', 'SIGINT'); // as a Ctrl-C arrives: from the terminal and from npm
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
      'events.out.tfevents.pretraining',
      'metrics.jsonl',
    ]);
    const rows = () =>
      readFileSync(join(folder, 'runs', run, 'metrics.jsonl'), 'utf8')
        .trim()
        .split('\n').length;
    const done = rows();

    const second = await stoppedBy(folder, 'SIGTERM');
    expect(second.code).toBe(143);
    const [, from] = /pretrain contrastive.*: ([\d,]+) of/.exec(second.stderr)!;
    expect(Number(from.replaceAll(',', ''))).toBe(done + 1);
    expect(rows()).toBeGreaterThan(done);
    expect(files()).toContain('checkpoint-before.safetensors');
  });
});
