import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ArgumentError, KitError, MissingFileError, type OnProgress, openStore, verifyShards } from 'hybrid-ecg';
import { rawFolder, shown, storeFolder, userFolder } from '../folders';
import { count, progressLine } from '../progress-line';
import { rawPlace } from '../raw-place';
import type { DatasetSource } from '../sources/dataset-source';
import { verifyRaw } from '../verify/verify-raw';
import { knownDatasets } from './arguments';
import { say } from './say';
import { sayFindings } from './say-findings';

/** `verify DATASET…`. */
export function addVerifyCommand(
  program: Command,
  { sources, signal }: { readonly sources: readonly DatasetSource[]; readonly signal?: AbortSignal },
): void {
  program
    .command('verify')
    .description(
      'compare the publisher’s files with the publisher’s list, and each shard of the store with its SHA-256',
    )
    .addArgument(knownDatasets())
    .option('--from <place>', 'publisher’s files: a folder, or a zip; default what data/raw/<dataset> holds')
    .option('--store <folder>', 'the store; default data/standardised/<dataset>')
    .action(async (names: string[], options: { from?: string; store?: string }) => {
      if (names.length > 1 && (options.from ?? options.store) !== undefined) {
        const expected = 'one dataset, as it names one place';
        throw new ArgumentError('--from and --store', { expected, actual: 'several' });
      }
      const faults: KitError[] = [];
      for (const name of names) {
        const source = sources.find(({ dataset }) => dataset === name);
        const from = options.from === undefined ? rawPlace(rawFolder(name), source) : userFolder(options.from);
        const store = options.store === undefined ? storeFolder(name) : userFolder(options.store);
        // a place that was named must be there; of the usual ones, what is there is verified
        const both = options.from === undefined && options.store === undefined;
        const places = {
          from: options.from !== undefined || (both && existsSync(from)) ? from : undefined,
          store: options.store !== undefined || (both && existsSync(store)) ? store : undefined,
        };
        faults.push(...(await verify(name, { ...places, signal })));
      }
      if (faults.length > 0) throw faults[0];
    });
}

/** Verifies what is there of one dataset; tells of each fault, and returns them. */
async function verify(
  name: string,
  { from, store, signal }: { readonly from?: string; readonly store?: string; readonly signal?: AbortSignal },
): Promise<KitError[]> {
  if (from === undefined && store === undefined) {
    const places = `files in ${shown(rawFolder(name))} or a store in ${shown(storeFolder(name))}`;
    return [new MissingFileError(`verify ${name}`, { expected: places, actual: 'neither' })];
  }
  const faults: KitError[] = [];
  for (const [place, check] of [
    [from, verifyFiles],
    [store, verifyStore],
  ] as const) {
    if (place === undefined) continue;
    try {
      await check(name, place, signal);
    } catch (fault) {
      if (!(fault instanceof KitError)) throw fault;
      faults.push(fault);
      if (from !== undefined && store !== undefined) say(fault.message);
    }
  }
  return faults;
}

async function verifyFiles(name: string, place: string, signal?: AbortSignal): Promise<void> {
  let line: ReturnType<typeof progressLine> | undefined;
  const report = await verifyRaw(place, {
    signal,
    onProgress: (done, total, unit) => {
      line ??= progressLine(`verify ${name}`, unit);
      line.update(done, total);
    },
  }).finally(() => line?.end());
  if (report !== undefined) sayFindings(place, report);
  else say(`${shown(place)}: not compared: no list of the publisher is with these files (download fetches it)`);
}

async function verifyStore(name: string, folder: string, signal?: AbortSignal): Promise<void> {
  const store = await openStore(folder);
  const line = progressLine(`verify the store of ${name}`, 'shards');
  const onProgress: OnProgress = ({ done, total }) => line.update(done, total);
  await verifyShards(store, { again: true, onProgress, signal }).finally(() => line.end());
  const { shards, hash } = store.manifest;
  say(`${shown(folder)}: ${count(store.length)} records in ${count(shards.length)} shards are whole (${hash})`);
  store.close();
}
