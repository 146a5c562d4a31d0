import { Command } from 'commander';
import { KitError, printable } from '../errors';
import { writeNotebook } from './notebook-file';
import { runNotebook } from './run-notebook';

/** Runs notebooks without Jupyter and writes them back with their outputs, in their normal form. */
async function runAll(paths: readonly string[], { profile }: { profile?: string }): Promise<void> {
  for (const path of paths) {
    const start = performance.now();
    const env: Record<string, string> = profile === undefined ? {} : { HYBRID_ECG_PROFILE: profile };
    const onCell = (cell: number, cells: number) => console.log(`${path}: cell ${cell} of ${cells}`);
    writeNotebook(path, await runNotebook(path, { env, onCell, cellTimeoutS: 24 * 3600 }));
    console.log(`${path}: written, ${Math.round((performance.now() - start) / 1000)} s`);
  }
}

new Command('notebook')
  .description('Runs notebooks without Jupyter and writes their outputs into them.')
  .argument('<file...>', 'notebooks')
  .option('--profile <name>', 'instead of the one they name')
  .action(runAll)
  .parseAsync()
  .catch((error) => {
    process.stderr.write(`${error instanceof KitError ? error.message : printable(error.stack ?? String(error))}\n`);
    process.exitCode = 1;
  });
