import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ArgumentError, KitError, printable } from '../errors';
import { READOUT_NAMES } from '../evaluate/readout';
import { writeFileWhole } from '../io/whole-file';
import { showProgress } from '../report/show-progress';
import { showScoreTable } from '../report/show-score-table';
import { showTable1 } from '../report/show-table-1';
import { showTable2 } from '../report/show-table-2';
import { showTable6 } from '../report/show-table-6';
import { showTable7 } from '../report/show-table-7';
import { showTrials } from '../report/show-trials';
import type { FineTuning } from '../study/fine-tuning';
import type { LinearProbing } from '../study/linear-probing';
import { PLANNED_TABLES } from '../study/plan';
import { parseProfile } from '../study/profile-schema';
import { PROFILE_NAMES, readProfile } from '../study/profiles';
import { openStudy, type Study } from '../study/study';
import { stopSignal } from './stop-signal';
import { userPath } from './user-path';

/** How each table that the kit can make is made and shown; what it gives can be written. */
const TABLES: Readonly<Record<number, (study: Study, done: () => void) => Promise<{ write(): Promise<string[]> }>>> = {
  1: async (study, done) => {
    const tables: LinearProbing[] = [];
    for (const readout of study.readouts) tables.push(await study.linearProbing({ readout }));
    done();
    for (const { cells, readout, provenance } of tables) {
      console.log(`tuned probe on the ${READOUT_NAMES[readout]}`);
      showTable1(cells, { probe: 'tuned', readout, provenance });
    }
    const write = async () => {
      const paths: string[] = [];
      for (const table of tables) paths.push(...(await table.write()));
      return paths;
    };
    return { write };
  },
  2: async (study, done) => {
    const table = await study.riskDecomposition();
    done();
    showTable2(table, { mode: 'robust', provenance: table.provenance });
    return table;
  },
  3: async (study, done) => shownScores(await study.fineTuning(), done),
  4: async (study, done) => shownScores(await study.lowIncidence(), done),
  5: async (study, done) => shownScores(await study.dataUsage(), done),
  6: async (study, done) => {
    const data = await study.describeData();
    done();
    showTable6(data.table6);
    return { write: () => data.write(['table-6', 'figure-1']) };
  },
  7: async (study, done) => {
    const data = await study.describeData();
    done();
    showTable7(data.table7);
    return { write: () => data.write(['table-7']) };
  },
};

function shownScores(table: FineTuning, done: () => void): FineTuning {
  done();
  showScoreTable(table, { provenance: table.provenance });
  return table;
}

/** `1`, `1-5`, `1,3`: numbers of tables. */
function parseTables(text: string): number[] {
  const numbers = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    const count = Number(last) - Number(first) + 1;
    const known = [first, last].every((number) => TABLES[Number(number)] !== undefined);
    return known && count >= 1 ? Array.from({ length: count }, (_, i) => Number(first) + i) : [Number.NaN];
  });
  if (numbers.some((number) => TABLES[number] === undefined)) {
    throw new InvalidArgumentError(`There is a recipe for tables ${Object.keys(TABLES).join(', ')}.`);
  }
  return [...new Set(numbers)];
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1) return workers;
  throw new InvalidArgumentError('A whole number from 1.');
}

const stop = stopSignal(`npm run reproduce -- ${process.argv.slice(2).join(' ')}`);

interface ReproduceOptions {
  readonly profile: string;
  readonly tables: number[];
  readonly trials: boolean;
  readonly workers: number;
  readonly save?: string;
}

/** A profile's name, or where its file is. */
function profileFrom(nameOrFile: string): string {
  return nameOrFile.endsWith('.json') ? userPath(nameOrFile) : nameOrFile;
}

/** Writes a profile's settings, named for the file, to be changed and run. */
function saveProfile(profile: string, named: string): void {
  const file = userPath(named);
  if (existsSync(file))
    throw new ArgumentError('--save', { expected: 'a new file', actual: `${file}, which is there` });
  const name = basename(file, '.json');
  if (!file.endsWith('.json') || (PROFILE_NAMES as readonly string[]).includes(name)) {
    throw new ArgumentError('--save', {
      expected: "a .json file that is not named as one of the kit's profiles",
      actual: file,
    });
  }
  const settings = parseProfile({ ...readProfile(profileFrom(profile)), name, title: `${profile}, changed` }, { file });
  writeFileWhole(file, `${JSON.stringify(settings, null, 2)}\n`);
  console.log(`wrote ${named}; change it, then: npm run reproduce -- --profile ${named} --tables 1-5`);
}

async function write(made: { write(): Promise<string[]> }): Promise<void> {
  for (const path of await made.write()) console.log(`wrote ${relative(process.cwd(), join(path))}`);
}

async function reproduce({ profile, tables, trials, workers, save }: ReproduceOptions): Promise<void> {
  if (save !== undefined) return saveProfile(profile, save);
  if (tables.length === 0 && !trials) program.error('error: nothing to make: give --tables, --trials, or both');
  const progress = showProgress();
  const study = await openStudy({
    profile: profileFrom(profile),
    onProgress: progress.onProgress,
    signal: stop.signal,
  });
  console.log(`${study.profile.title}\nengine: ${study.engine.backend} ${study.engine.version} (${study.engine.why})`);
  const planned = tables.filter((number) => (PLANNED_TABLES as readonly number[]).includes(number));
  study.plan({ tables: planned, trials }); // what cannot be done is said before hours of what can
  if (workers > 1) await study.compute({ tables: planned, trials, workers });
  for (const number of tables) {
    console.log(`\nTable ${number}, profile ${study.profile.name}`);
    const table = await TABLES[number](study, progress.close);
    await write(table);
  }
  if (trials) {
    const tried = await study.recipeTrials();
    progress.close();
    console.log(`\nRecipes tried, profile ${study.profile.name}`);
    showTrials(tried, tried);
    await write(tried);
  }
  study.close();
}

const program = new Command('reproduce')
  .description('Makes tables of the paper without a browser; what exists is not computed again.')
  .requiredOption('--profile <name>', `${PROFILE_NAMES.join(', ')}, or a JSON file`)
  .option('--tables <numbers>', 'such as 1 or 1-7', parseTables, [])
  .option('--trials', "also the profile's trials of other recipes of pretraining", false)
  .option('--workers <number>', 'processes that share the cores; default 1', parseWorkers, 1)
  .option('--save <file>', "only write the profile's settings to a JSON file, to make a profile of your own of it")
  .action(reproduce);

program.parseAsync().catch((error) => {
  if (stop.explains(error)) return;
  process.stderr.write(
    `${error instanceof KitError ? `${error.name}: ${error.message}` : printable(error.stack ?? String(error))}\n`,
  );
  process.exitCode = 1;
});
