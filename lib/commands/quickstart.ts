import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { KitError, printable } from '../errors';
import { findCheckout } from '../study/checkout';
import { writeNotebook } from './notebook-file';
import { runNotebook } from './run-notebook';
import { stopSignal } from './stop-signal';

const PROFILE = 'tiny';
const NOTEBOOK = '05-linear-probing.ipynb';

const stop = stopSignal('npm run quickstart');

/** `npm run quickstart`: Table 1 of the smallest profile, made by its notebook, and where to find it. */
async function quickstart(): Promise<void> {
  const root = findCheckout(process.cwd());
  const start = performance.now();
  console.log(`Table 1 on synthetic ECGs: running notebooks/${NOTEBOOK} with the profile ${PROFILE}`);
  const notebook = await runNotebook(join(root, 'notebooks', NOTEBOOK), {
    env: { HYBRID_ECG_PROFILE: PROFILE },
    signal: stop.signal,
    onCell: (cell, cells) => console.log(`${process.stdout.isTTY ? '\r\x1b[K' : ''}  cell ${cell} of ${cells}`),
    onProgress: progressLines(),
  });
  const executed = join(root, 'runs/notebooks', PROFILE, NOTEBOOK);
  writeNotebook(executed, notebook);

  const made = {
    'the table': join(root, 'paper-tables', PROFILE, 'table-1.csv'),
    'the figure': join(root, 'figures', PROFILE, 'table-1.svg'),
    'the notebook with its outputs': executed,
  };
  for (const path of Object.values(made)) {
    if (!existsSync(path)) throw new Error(`${path}: expected the notebook to write it`);
  }
  console.log(`Done in ${Math.round((performance.now() - start) / 1000)} s.`);
  for (const [what, path] of Object.entries(made)) console.log(`  ${what}: ${relative(process.cwd(), path)}`);
  console.log('These ECGs are simulated: the numbers show that the mechanics work and mean nothing else.');
  console.log('Next: npm run lab (the notebooks), npm run doctor (what is here), README.md (real ECGs).');
}

/** Shows the newest line: over the one before on a terminal, elsewhere one every ten seconds. */
function progressLines(): (line: string) => void {
  const terminal = process.stdout.isTTY;
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < (terminal ? 500 : 10_000)) return;
    last = performance.now();
    process.stdout.write(
      terminal ? `\r\x1b[K    ${line.slice(0, (process.stdout.columns ?? 80) - 5)}` : `    ${line}\n`,
    );
  };
}

quickstart().catch((error) => {
  if (stop.explains(error)) return;
  process.stderr.write(`${error instanceof KitError ? error.message : printable(error.stack ?? String(error))}\n`);
  process.exitCode = 1;
});
