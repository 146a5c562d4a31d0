import type { Command } from 'commander';
import { writeSyntheticCohort } from 'hybrid-ecg';
import { rawFolder, shown, userFolder } from '../folders';
import { count, progressLine } from '../progress-line';
import { wholeNumber } from './arguments';
import { say } from './say';

/** `synthetic`. */
export function addSyntheticCommand(program: Command, { signal }: { readonly signal?: AbortSignal }): void {
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
}
