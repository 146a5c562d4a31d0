import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { availableCores } from '../../lib/engine/available-cores';
import { ArgumentError } from '../../lib/errors';
import type { Progress } from '../../lib/progress';
import { openStudy } from '../../lib/study/study';
import { WorkerError } from '../../lib/worker-error';
import { smallCheckout } from './small-checkout';

const built = existsSync(resolve(__dirname, '../../lib/dist/study/job-worker.js'));

/** The study of a small checkout; `tasks` takes what it is told of. */
async function studyOf({ epochs, signal, runs }: { epochs: number; signal?: AbortSignal; runs?: string }) {
  const folder = runs ?? (await smallCheckout({ name: 'small', epochs }));
  const tasks = new Map<string, Progress>();
  const watch = { signal, onProgress: (progress: Progress) => void tasks.set(progress.task, progress) };
  const study = await openStudy({ profile: join(folder, 'small.json'), folder, ...watch });
  return { study, folder, tasks };
}

/** SHA-256 of every file of every run but the logs, which hold times. */
function results(folder: string): Record<string, unknown> {
  const runs = readdirSync(join(folder, 'runs')).sort();
  return Object.fromEntries(
    runs.map((run) => {
      const { files } = JSON.parse(readFileSync(join(folder, 'runs', run, 'run.json'), 'utf8'));
      return [run, Object.fromEntries(Object.entries(files).filter(([file]) => !file.startsWith('events.')))];
    }),
  );
}

describe.skipIf(!built)('jobs in several processes (skipped when lib/dist is not built)', () => {
  it('do all that a table needs, the same work whatever their number, and nothing twice', async () => {
    const cores = availableCores();
    const first = await studyOf({ epochs: 1 });
    await first.study.compute({ tables: [1], workers: cores });
    expect(first.study.plan({ tables: [1] }).map(({ state }) => state)).toEqual(Array(3 + 4 + 8).fill('finished'));
    const { done, total } = first.tasks.get('pretrain hybrid 250/1/16, seed 0')!;
    expect(done).toBe(total);

    const again = await studyOf({ epochs: 1, runs: first.folder });
    await again.study.compute({ tables: [1], workers: 2 });
    expect((await again.study.linearProbing()).models).toHaveLength(8);
    expect([...again.tasks.keys()].filter((task) => !task.includes('probe'))).toEqual([]); // all was there

    const second = await studyOf({ epochs: 1 }); // one thread each, as before
    await second.study.compute({ tables: [1], workers: cores + 1 });
    expect(results(second.folder)).toEqual(results(first.folder));
  });

  it('that fail end the call with their error, and one that dies with its job', async () => {
    const { study, folder } = await studyOf({ epochs: 100_000 });
    const computing = study.compute({ tables: [1], workers: 1 });
    const outcome = computing.catch((error) => error);
    const lock = join(
      folder,
      'runs',
      study.plan({ tables: [1] }).find(({ job }) => job.startsWith('pretrain'))!.run,
      'writing.lock',
    );
    const holder = () => (existsSync(lock) ? readFileSync(lock, 'utf8') : '');
    while (holder() === '') await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(JSON.parse(holder()).pid, 'SIGKILL');
    const fault = await outcome;
    expect(fault).toBeInstanceOf(WorkerError);
    expect(fault.message).toMatch(
      /expected pretrain contrastive 250\/1\/16, seed 0, got process \d+ was killed by SIGKILL/,
    );
  });

  it('are a whole number of processes', async () => {
    const { study } = await studyOf({ epochs: 1 });
    for (const workers of [0, 1.5, Number.NaN])
      await expect(study.compute({ tables: [1], workers })).rejects.toThrow(ArgumentError);
  });
});
