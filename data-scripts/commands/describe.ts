import { join } from 'node:path';
import type { Command } from 'commander';
import { ArgumentError, describeStore, openStore, readPublishedTables } from 'hybrid-ecg';
import { table6Lines } from '../describe/table-6-lines';
import { checkout, storeFolder, userFolder } from '../folders';
import { knownDatasets } from './arguments';
import { say } from './say';
import { sayStore } from './say-store';

/** `describe DATASET…`. */
export function addDescribeCommand(program: Command): void {
  program
    .command('describe')
    .description('count the records, patients, folds and labels of stores, beside the paper’s Table 6')
    .addArgument(knownDatasets())
    .option('--store <folder>', 'the store; default data/standardised/<dataset>')
    .action(async (names: string[], options: { store?: string }) => {
      if (names.length > 1 && options.store !== undefined) {
        throw new ArgumentError('--store', { expected: 'one dataset, as it names one place', actual: 'several' });
      }
      const published = readPublishedTables(join(checkout(), 'paper-tables', 'published'));
      for (const name of names) {
        const folder = options.store === undefined ? storeFolder(name) : userFolder(options.store);
        const store = await openStore(folder);
        store.close();
        sayStore(folder, describeStore(store));
        for (const line of await table6Lines(name, { store: folder, published })) say(`  ${line}`);
      }
    });
}
