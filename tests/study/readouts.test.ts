import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { readCsv } from '../../lib/io/csv';
import { openStudy } from '../../lib/study/study';
import { smallCheckout } from './small-checkout';

it("Table 1 is made in the profile's readout and in the usual one, from the same encoders", async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1, changes: { probing: { pooling: 'statistics' } } });
  const tasks = new Set<string>();
  const study = await openStudy({
    profile: join(folder, 'small.json'),
    folder,
    onProgress: ({ task }) => tasks.add(task),
  });
  expect(study.readouts).toEqual(['statistics', 'mean']);
  const planned = study.plan({ tables: [1] }).map(({ job }) => job);
  expect(planned.filter((job) => job.startsWith('pretrain'))).toHaveLength(3);
  expect(planned.filter((job) => job.endsWith('(mean token of the last layer)'))).toHaveLength(4 + 8);
  expect(planned).toHaveLength(3 + 2 * (4 + 8));

  const own = await study.linearProbing();
  const asUsual = await study.linearProbing({ readout: 'mean' });
  expect(study.plan({ tables: [1] }).every(({ state }) => state === 'finished')).toBe(true);
  expect(tasks).toContain('features of hybrid 250/1/16, seed 0');
  expect(tasks).toContain('features of hybrid 250/1/16, seed 0 (mean token of the last layer)');
  expect([own.readout, asUsual.readout]).toEqual(['statistics', 'mean']);
  expect(asUsual.models.map(({ model, probe, seed }) => [model, probe, seed])).toEqual(
    own.models.map(({ model, probe, seed }) => [model, probe, seed]),
  );
  const runs = [own, asUsual].flatMap(({ models }) => models.map(({ run }) => run));
  expect(new Set(runs).size).toBe(runs.length);

  const hybrid = await study.pretrain('hybrid');
  const { tf } = study.engine;
  const tensors = tf.memory().numTensors;
  hybrid.encoder().dispose();
  expect(tf.memory().numTensors).toBe(tensors);

  const paths = [...(await asUsual.write()), ...(await own.write())];
  const tables = paths.map((path) => basename(path)).filter((name) => /csv|provenance/.test(name));
  expect(tables).toEqual([
    ...['table-1-mean.csv', 'table-1-mean-weak.csv', 'table-1-mean-cells.csv', 'table-1-mean.provenance.json'],
    'claims.csv',
    ...['table-1.csv', 'table-1-weak.csv', 'table-1-cells.csv', 'table-1.provenance.json'],
    'claims.csv',
  ]);
  const claims = readCsv(paths.find((path) => basename(path) === 'claims.csv')!);
  const half = claims.length / 2;
  expect(claims.slice(0, half).every(({ id, table }) => table === 'table-1' && id.startsWith('table-1-'))).toBe(true);
  expect(claims.slice(half).map(({ id, table }) => [id, table])).toEqual(
    claims.slice(0, half).map(({ id }) => [id.replace('table-1', 'table-1-mean'), 'table-1-mean']),
  );
  const figure = readFileSync(paths.find((path) => path.endsWith('table-1-mean.vl.json'))!, 'utf8');
  expect(figure).toContain('tuned probe on the mean token of the last layer');
  study.close();
});

it('a profile that reads the mean token has one Table 1', async () => {
  const folder = await smallCheckout({ name: 'small', epochs: 1 });
  const study = await openStudy({ profile: join(folder, 'small.json'), folder });
  expect(study.readouts).toEqual(['mean']);
  expect(study.plan({ tables: [1] })).toHaveLength(3 + 4 + 8);
  study.close();
});
