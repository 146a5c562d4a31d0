import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

// a process of its own runs the compiled package; it says when it is ready, and begins when all are
const PROGRAM = `
const { openPtbXl } = require(process.env.DIST + '/datasets/ptb-xl.js');
const { writeStore } = require(process.env.DIST + '/store/write-store.js');
const { mkdtempSync, rmSync } = require('node:fs');
const dataset = openPtbXl(process.env.FOLDER, { rate: 500 });
const to = mkdtempSync(process.env.FOLDER + '/store-');
process.once('message', async () => {
  const start = performance.now();
  await writeStore(to, dataset, { quality: { rejectDuplicates: false } });
  const seconds = (performance.now() - start) / 1000;
  rmSync(to, { recursive: true });
  process.send(seconds, () => process.disconnect());
});
process.send('ready');
`;

/**
 * Seconds until so many processes that know nothing of each other have all standardised a folder of PTB-XL's layout, each
 * by itself: what cores, memory and disk of the machine can do at once.
 */
export async function secondsOfIndependent(processes: number, folder: string): Promise<number> {
  const env = { ...process.env, DIST: resolve(__dirname, '../..', 'lib/dist'), FOLDER: folder };
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['-e', PROGRAM], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const next = () =>
    Promise.all(
      children.map(
        (child) =>
          new Promise<unknown>((message, failed) => {
            child.once('message', message);
            child.once('exit', (code) => failed(new Error(`ended with exit code ${code}`)));
          }),
      ),
    );
  await next();
  const done = next();
  for (const child of children) child.send('begin');
  return Math.max(...((await done) as number[]));
}
