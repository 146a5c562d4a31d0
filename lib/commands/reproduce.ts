import { join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { KitError } from '../errors';
import { showProgress } from '../report/show-progress';
import { showTable1 } from '../report/show-table-1';
import { PROFILE_NAMES } from '../study/profiles';
import { openStudy } from '../study/study';
import { stopSignal } from './stop-signal';

/** The tables that the kit can make so far. */
const TABLES = [1] as const;

/** `1`, `1-5`, `1,3`: numbers of tables. */
function parseTables(text: string): number[] {
  const numbers = text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const unknown = numbers.find((number) => !TABLES.includes(number as (typeof TABLES)[number]));
  if (numbers.length === 0 || unknown !== undefined) {
    throw new InvalidArgumentError(`There is a recipe for table ${TABLES.join(', ')}.`);
  }
  return numbers;
}

const stop = stopSignal(`npm run reproduce -- ${process.argv.slice(2).join(' ')}`);

async function reproduce({ profile, tables }: { profile: string; tables: number[] }): Promise<void> {
  const progress = showProgress();
  const study = await openStudy({ profile, onProgress: progress.onProgress, signal: stop.signal });
  console.log(`${study.profile.title}\nengine: ${study.engine.backend} ${study.engine.version} (${study.engine.why})`);
  for (const number of tables) {
    console.log(`\nTable ${number}, profile ${study.profile.name}`);
    const table = await study.linearProbing();
    progress.close();
    showTable1(table.cells, { probe: 'tuned', provenance: table.provenance });
    for (const path of await table.write()) console.log(`wrote ${relative(process.cwd(), join(path))}`);
  }
  study.close();
}

const program = new Command('reproduce')
  .description('Makes tables of the paper without a browser; what exists is not computed again.')
  .requiredOption('--profile <name>', `${PROFILE_NAMES.join(', ')}, or a JSON file`)
  .requiredOption('--tables <numbers>', 'such as 1', parseTables)
  .action(reproduce);

program.parseAsync().catch((error) => {
  if (stop.explains(error)) return;
  process.stderr.write(`${error instanceof KitError ? `${error.name}: ${error.message}` : (error.stack ?? error)}\n`);
  process.exitCode = 1;
});
