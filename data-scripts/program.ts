import { Argument, Command, InvalidArgumentError } from 'commander';
import {
  DATASETS,
  datasetFormat,
  describeStore,
  openStore,
  type StoreDescription,
  writeStore,
  writeSyntheticCohort,
} from 'hybrid-ecg';
import { rawFolder, shown, storeFolder, userFolder } from './folders';
import { count, duration, progressLine } from './progress-line';

/** The command line of `npm run data`. */
export function dataProgram({ signal }: { readonly signal?: AbortSignal } = {}): Command {
  const names = DATASETS.map((format) => format.name);
  const dataset = () => new Argument('<dataset>', DATASETS.map(({ name, title }) => `${name}: ${title}`).join('; '));
  const program = new Command('npm run data --')
    .description('Raw ECGs in their publishers’ formats become standardised stores: 12 leads, 10 s, 250 Hz, mV.')
    .showHelpAfterError('(add --help for what there is)');

  program
    .command('standardise')
    .description('standardise a dataset into a store; goes on where a stopped call was')
    .addArgument(dataset().choices(names))
    .option('--from <folder>', 'publisher’s files; default data/raw/<dataset>')
    .option('--to <folder>', 'the store; default data/standardised/<dataset>')
    .option('--rate <hz>', 'the rate to read, where the publisher ships several', wholeNumber)
    .action(async (name: string, options: { from?: string; to?: string; rate?: number }) => {
      const from = options.from === undefined ? rawFolder(name) : userFolder(options.from);
      const to = options.to === undefined ? storeFolder(name) : userFolder(options.to);
      const opened = await datasetFormat(name).open(from, { rate: options.rate });
      const choices = Object.entries(opened.choices).map(([key, value]) => `${key} ${value}`);
      say(`${name} in ${shown(from)}: ${count(opened.rows.length)} records; ${choices.join(', ')}`);
      const line = progressLine(`standardise ${name}`, 'records');
      const start = performance.now();
      let resumed = 0;
      const written = await writeStore(to, opened, {
        signal,
        onProgress: (progress) => {
          resumed = progress.resumed;
          line.update(progress.done, progress.total, progress.resumed);
        },
      }).finally(() => line.end());
      const seconds = (performance.now() - start) / 1000;
      const store = await openStore(to);
      if (written.existed) say('the store is there already, made from the same rows and options');
      else {
        const rate = Math.round((opened.rows.length - resumed) / seconds);
        const before = resumed > 0 ? `, ${count(resumed)} from an earlier call` : '';
        say(`standardised in ${duration(seconds)} (${count(rate)} records/s)${before}`);
      }
      describe(to, describeStore(store));
      store.close();
    });

  program
    .command('synthetic')
    .description('write the synthetic cohort in PTB-XL’s layout: made-up ECGs of nobody')
    .option('--to <folder>', 'where it goes; default data/raw/synthetic')
    .option('--ecgs <number>', 'ECGs besides the broken ones that are planted; default 1200', wholeNumber)
    .option('--seed <number>', 'another seed gives other ECGs; default 2003', wholeNumber)
    .action(async (options: { to?: string; ecgs?: number; seed?: number }) => {
      const to = options.to === undefined ? rawFolder('synthetic') : userFolder(options.to);
      const line = progressLine('synthetic', 'ECGs');
      const { ecgs, seed } = options;
      const cohort = await writeSyntheticCohort(to, {
        ecgs,
        seed,
        signal,
        onProgress: ({ done, total }) => line.update(done, total),
      }).finally(() => line.end());
      if (cohort.existed) say('the cohort is there already, of the same seed and size');
      const broken = Object.values(cohort.planted).flat().length;
      say(
        `${shown(to)}: ${count(cohort.records)} ECGs of ${count(cohort.patients)} patients, ${broken} broken on purpose`,
      );
    });

  program
    .command('verify')
    .description('check a store: manifest, index, and the SHA-256 of every shard')
    .addArgument(dataset().choices(names))
    .option('--store <folder>', 'the store; default data/standardised/<dataset>')
    .action(async (name: string, options: { store?: string }) => {
      const folder = options.store === undefined ? storeFolder(name) : userFolder(options.store);
      const store = await openStore(folder, { verifyShards: true });
      const { shards, hash } = store.manifest;
      say(`${shown(folder)}: ${count(store.length)} records in ${count(shards.length)} shards are whole (${hash})`);
      store.close();
    });

  program
    .command('describe')
    .description('count the records, patients, folds and labels of a store')
    .addArgument(dataset().choices(names))
    .option('--store <folder>', 'the store; default data/standardised/<dataset>')
    .action(async (name: string, options: { store?: string }) => {
      const folder = options.store === undefined ? storeFolder(name) : userFolder(options.store);
      const store = await openStore(folder);
      describe(folder, describeStore(store));
      store.close();
    });
  return program;
}

function describe(folder: string, description: StoreDescription): void {
  const { dataset, records, patients, folds, superclasses, unlabelled, rejected } = description;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(', ');
  const lost = Object.values(rejected).reduce((sum, value) => sum + value, 0);
  say(`${dataset} in ${shown(folder)}: ${count(records)} records of ${count(patients)} patients`);
  if (Object.keys(folds).length > 0) say(`  folds: ${list(folds)}`);
  if (superclasses !== undefined) say(`  superclasses: ${list(superclasses)}; none ${count(unlabelled)}`);
  say(lost === 0 ? '  rejected: none' : `  rejected: ${count(lost)} (${list(rejected)}); each in rejected.csv`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
