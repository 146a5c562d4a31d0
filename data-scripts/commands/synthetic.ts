import type { Command } from 'commander';
import { SYNTHETIC_PARTS } from 'hybrid-ecg';
import { rawFolder, shown, userFolder } from '../folders';
import { count, progressLine } from '../progress-line';
import { wholeNumber } from './arguments';
import { say } from './say';

/** The part in PTB-XL's format has so many times the ECGs of each other. */
const LARGER = 30;

/** `synthetic`. */
export function addSyntheticCommand(program: Command, { signal }: { readonly signal?: AbortSignal }): void {
  program
    .command('synthetic')
    .description('write the synthetic cohort in all six publishers’ formats: made-up ECGs of nobody')
    .option(
      '--to <folder>',
      'where the part in PTB-XL’s format goes, the others beside it with -<dataset> behind the name; default data/raw/synthetic',
    )
    .option(
      '--ecgs <number>',
      `ECGs in PTB-XL’s format besides the broken ones that are planted, a ${LARGER}th of it in each other; default 1200`,
      wholeNumber,
    )
    .option('--seed <number>', 'another seed gives other ECGs; default 2003', wholeNumber)
    .action(async (options: { to?: string; ecgs?: number; seed?: number }) => {
      const { ecgs, seed } = options;
      const main = options.to === undefined ? rawFolder('synthetic') : userFolder(options.to);
      for (const { format, publisher, write } of SYNTHETIC_PARTS) {
        const behind = format.name.slice('synthetic'.length); // of PTB-XL's nothing
        const to = `${main}${behind}`;
        const line = progressLine(format.name, 'ECGs');
        const part = await write(to, {
          ecgs: ecgs === undefined || behind === '' ? ecgs : Math.ceil(ecgs / LARGER),
          seed,
          signal,
          onProgress: ({ done, total }) => line.update(done, total),
        }).finally(() => line.end());
        const broken = Object.values(part.planted).flat().length;
        const there = part.existed ? ' (there already, of the same seed and size)' : '';
        say(
          `${shown(to)}, ${publisher}’s format: ${count(part.records)} ECGs of ${count(part.patients)} patients, ${broken} broken on purpose${there}`,
        );
      }
    });
}
