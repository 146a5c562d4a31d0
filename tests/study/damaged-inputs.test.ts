import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FormatError, StaleError } from '../../lib/errors';
import type { Progress } from '../../lib/progress';
import { openStudy } from '../../lib/study/study';
import { smallCheckout } from './small-checkout';

function flip(path: string, at = 4000): void {
  const bytes = readFileSync(path);
  bytes[at % bytes.length] ^= 1;
  writeFileSync(path, bytes);
}

it('a flipped byte of a shard is found before the first run on it, whatever the run', {
  timeout: 120_000,
}, async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1, records: 240 });
  const shard = join(folder, 'data/standardised/synthetic/shard-00000.npy');
  const open = (onProgress = (_: Progress) => {}) =>
    openStudy({ profile: join(folder, 'small.json'), folder, onProgress });
  flip(shard);
  const damaged = await open();
  for (const result of [
    () => damaged.pretrain('generative'),
    () => damaged.testFeatures('random'), // needs no training
    () => damaged.lowIncidence(),
    () => damaged.compute({ tables: [1], workers: 2 }),
  ]) {
    await expect(result()).rejects.toThrow(FormatError);
    await expect(result()).rejects.toThrow(/shard-00000\.npy: SHA-256: expected .*--anew/);
  }
  expect(existsSync(join(folder, 'runs'))).toBe(false);
  damaged.close();

  flip(shard);
  const tasks: string[] = [];
  const study = await open(({ task }) => tasks.push(task));
  await study.pretrain('generative');
  await study.testFeatures('generative');
  expect(tasks.filter((task) => task === 'verify the store synthetic')).toHaveLength(1); // of one shard, once
  study.close();

  flip(shard);
  const again = await open();
  await again.testFeatures('generative'); // finished: its own files are compared, and no ECG is read
  await expect(again.testFeatures('contrastive')).rejects.toThrow(/shard-00000\.npy/);
  again.close();
});

it('a flipped byte of a finished run is found when the run is read again', { timeout: 120_000 }, async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1, records: 240 });
  const open = () => openStudy({ profile: join(folder, 'small.json'), folder });
  const study = await open();
  await study.testFeatures('generative');
  const runs = readdirSync(join(folder, 'runs'));
  const files = runs.flatMap((run) =>
    readdirSync(join(folder, 'runs', run)).map((file) => join(folder, 'runs', run, file)),
  );
  expect(
    files.filter((file) => /(weights\.safetensors|features\.npy|metrics\.jsonl|run\.json)$/.test(file)),
  ).toHaveLength(5);
  for (const file of files) {
    for (const at of [20, 4000]) {
      flip(file, at);
      const read = async () => {
        await study.testFeatures('generative');
        await study.pretrain('generative');
      };
      await expect(read(), `${file} ${at}`).rejects.toThrow(StaleError);
      flip(file, at);
    }
  }
  study.close();
});
