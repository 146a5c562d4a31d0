import { Command } from 'commander';
import { addDescribeCommand } from './commands/describe';
import { addDownloadCommand, type DownloadContext } from './commands/download';
import { addStandardiseCommand } from './commands/standardise';
import { addSyntheticCommand } from './commands/synthetic';
import { addVerifyCommand } from './commands/verify';
import { SOURCES } from './sources/sources';

/**
 * The command line of `npm run data`.
 *
 * @param context.sources where datasets come from; default their publishers
 */
export function dataProgram({ sources = SOURCES, ...rest }: Partial<DownloadContext> = {}): Command {
  const context = { sources, ...rest };
  const program = new Command('npm run data --')
    .description('Raw ECGs in their publishers’ formats become standardised stores: 12 leads, 10 s, 250 Hz, mV.')
    .showHelpAfterError('(add --help for what there is)');
  addDownloadCommand(program, context);
  addVerifyCommand(program, context);
  addStandardiseCommand(program, context);
  addDescribeCommand(program);
  addSyntheticCommand(program, context);
  return program;
}
