import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { FormatError } from 'hybrid-ecg';
import { downloadDataset } from '../download/download-dataset';
import { ChecksumError } from '../download/download-errors';
import { noteVerified, readDownloadRecord } from '../download/download-record';
import { openNetwork } from '../download/network';
import type { Patience } from '../download/retries';
import { rawFolder, shown, userFolder } from '../folders';
import { byteCount, duration, progressLine } from '../progress-line';
import { rawPlace } from '../raw-place';
import type { DatasetSource } from '../sources/dataset-source';
import { verifyRaw } from '../verify/verify-raw';
import { downloadableDatasets, positiveNumber } from './arguments';
import { say } from './say';
import { sayFindings } from './say-findings';

/** What the command works with. */
export interface DownloadContext {
  readonly sources: readonly DatasetSource[];
  readonly signal?: AbortSignal;
  readonly patience?: Patience;
  readonly stallMs?: number;
}

/** `download DATASET…`. */
export function addDownloadCommand(program: Command, context: DownloadContext): void {
  program
    .command('download')
    .description('download datasets from their publishers; goes on where a stopped call was')
    .addArgument(downloadableDatasets(context.sources))
    .option('--to <folder>', 'where they go, each into a folder of its name; default data/raw')
    .option('--at-a-time <number>', 'files under way at a time; default 3', positiveNumber)
    .option(
      '--zipped',
      'leave zips of HDF5 files zipped: less disk, but standardising unpacks each in turn, and does not list what a file holds beyond the table',
    )
    .addHelpText('after', HELP)
    .action(async (names: string[], options: DownloadOptions) => {
      for (const name of names) {
        const source = context.sources.find(({ dataset }) => dataset === name)!;
        const folder = options.to === undefined ? rawFolder(name) : join(userFolder(options.to), name);
        await download(source, folder, { ...context, ...options });
        const from = options.to === undefined ? '' : ` --from ${rawPlace(folder, source)}`;
        say(`next: npm run data -- standardise ${name}${from}`);
      }
    });
}

interface DownloadOptions {
  readonly to?: string;
  readonly atATime?: number;
  readonly zipped?: boolean;
}

const HELP = `
Environment:
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY          a proxy, and hosts that need none
  PHYSIONET_USERNAME, PHYSIONET_PASSWORD     sent to PhysioNet alone, and only when it asks
  NODE_EXTRA_CA_CERTS                        certificates of a proxy that signs with its own`;

async function download(
  source: DatasetSource,
  folder: string,
  options: DownloadContext & DownloadOptions,
): Promise<void> {
  const { dataset, licence, page } = source;
  const { signal } = options;
  if (source.access.kind === 'files') say(`${dataset}: ${licence}, ${page}`);
  const line = progressLine(`download ${dataset}`, 'bytes');
  const network = openNetwork();
  const start = performance.now();
  const { bytes, existed } = await downloadDataset(source, folder, network, {
    ...options,
    onProgress: ({ done, total, resumed }) => line.update(done, total, resumed),
    onUnpack: (zip) => {
      const unpacking = progressLine(`unpack ${zip}`, 'bytes');
      return (done, total) => unpacking.update(done, total);
    },
    onEvent: (text) => line.say(`  ${text}`),
  }).finally(async () => {
    line.end();
    await network.close();
  });
  const seconds = (performance.now() - start) / 1000;
  if (existed) say(`${shown(folder)}: all files are there already`);
  else {
    const rate = bytes > 0 ? ` in ${duration(seconds)} (${byteCount(bytes / seconds)}/s)` : '';
    say(`${shown(folder)}: ${byteCount(bytes)} downloaded${rate}`);
  }
  await verifyArchive(source, folder, signal);
}

/** A zip without a checksum of its own is checked by what is in it, once. */
async function verifyArchive({ dataset, access }: DatasetSource, folder: string, signal?: AbortSignal): Promise<void> {
  if (access.kind !== 'files' || access.archive === undefined) return;
  const { zip, list } = access.archive;
  const recorded = readDownloadRecord(folder)?.files.find(({ name }) => name === zip);
  if (recorded === undefined || recorded.verified || !existsSync(join(folder, list))) return;
  const line = progressLine(`verify ${dataset}`, 'files');
  const onProgress = (done: number, total: number) => line.update(done, total);
  const report = await verifyRaw(join(folder, zip), { onProgress, signal })
    .catch((fault) => {
      throw fault instanceof FormatError ? damaged(fault) : fault;
    })
    .finally(() => line.end());
  if (report === undefined) return;
  sayFindings(join(folder, zip), report);
  noteVerified(folder, zip);
}

/** A zip that is none, or a list that is none: both have the size that was announced, and would stay for good. */
function damaged(fault: FormatError): ChecksumError {
  const { expected, actual, where } = fault;
  const whole = `${expected}; remove the file to download it again`;
  return new ChecksumError('publisher’s file', { expected: whole, actual, where, cause: fault });
}
