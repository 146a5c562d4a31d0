import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  ArgumentError,
  availableCores,
  type BandPassOptions,
  type DatasetOptions,
  datasetFormat,
  describeStore,
  openStore,
  type StoredType,
  type WriteStoreOptions,
  writeStore,
} from 'hybrid-ecg';
import { rawFolder, shown, storeFolder, userFolder } from '../folders';
import { count, duration, progressLine } from '../progress-line';
import { rawPlace } from '../raw-place';
import type { DatasetSource } from '../sources/dataset-source';
import { knownDatasets, positiveNumber, wholeNumber } from './arguments';
import { say } from './say';
import { sayStore } from './say-store';

/** `standardise DATASET…`. */
export function addStandardiseCommand(
  program: Command,
  { sources, signal }: { readonly sources: readonly DatasetSource[]; readonly signal?: AbortSignal },
): void {
  program
    .command('standardise')
    .description('standardise datasets into stores; goes on where a stopped call was')
    .addArgument(knownDatasets())
    .option('--from <place>', 'publisher’s files: a folder, or a zip; default what data/raw/<dataset> holds')
    .option('--to <folder>', 'the store; default data/standardised/<dataset>')
    .option('--workers <number>', 'processes that share the work; default 1. The bytes are the same', positiveNumber)
    .option('--rate <hz>', 'the rate to read, where the publisher ships several', wholeNumber)
    .addOption(
      new Option('--type <type>', 'float32 mV, or int16 microvolts, half the size').choices(['float32', 'int16']),
    )
    .option('--band-pass <low-high>', 'let only a band through, Hz, such as 0.5-40', band)
    .option('--z-score', 'bring each record to mean 0 and standard deviation 1')
    .option('--anew', 'make a store again that is there, or begun: its files may have changed')
    .option('--keep-duplicates', 'keep records whose signal another record has too')
    .option('--microvolts-per-count <uv>', 'ikem: what a count stands for; default what the data support', Number)
    .option('--lead-order <leads>', 'ikem: such as "V1 V2 V3 V4 V5 V6 II I"; default what the data support')
    .option(
      '--accept-placeholder-checksums',
      'WFDB: read records whose headers have 0 for every checksum or first value',
    )
    .option('--csv <file>', 'wfdb-folder: the table of your records; default records.csv')
    .option('--column <name=yours>', 'wfdb-folder: what your table calls a column; may come several times', column)
    .option('--encoding <name>', 'wfdb-folder: of your table, such as windows-1252; default UTF-8')
    .action(async (names: string[], options: StandardiseOptions) => {
      if (names.length > 1) requireOne(options);
      for (const name of names) requireTaken(name, options);
      for (const name of names) {
        const source = sources.find(({ dataset }) => dataset === name);
        const from = options.from === undefined ? rawPlace(rawFolder(name), source) : userFolder(options.from);
        const to = options.to === undefined ? storeFolder(name) : userFolder(options.to);
        const { rate, csv, column: columns, encoding, microvoltsPerCount, leadOrder } = options;
        const placeholderChecksums = options.acceptPlaceholderChecksums ? 'accept' : undefined;
        const { type, bandPass, zScore, workers, anew } = options;
        const quality = { rejectDuplicates: !options.keepDuplicates };
        await standardise(name, {
          from,
          to,
          reading: { rate, csv, columns, encoding, microvoltsPerCount, leadOrder, placeholderChecksums },
          storing: { type, bandPass, zScore, workers, quality, anew, signal },
        });
      }
    });
}

interface StandardiseOptions {
  readonly from?: string;
  readonly to?: string;
  readonly workers?: number;
  readonly rate?: number;
  readonly type?: StoredType;
  readonly bandPass?: BandPassOptions;
  readonly zScore?: boolean;
  readonly anew?: boolean;
  readonly keepDuplicates?: boolean;
  readonly microvoltsPerCount?: number;
  readonly leadOrder?: string;
  readonly acceptPlaceholderChecksums?: boolean;
  readonly csv?: string;
  readonly column?: Readonly<Record<string, string>>;
  readonly encoding?: string;
}

function band(text: string): BandPassOptions {
  const found = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  if (found === null) throw new InvalidArgumentError('expected two frequencies in Hz, such as 0.5-40');
  return { lowHz: Number(found[1]), highHz: Number(found[2]) };
}

function column(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected such as patient_id=subject');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

function requireOne({ from, to }: StandardiseOptions): void {
  const given = from === undefined ? (to === undefined ? undefined : '--to') : '--from';
  if (given === undefined) return;
  throw new ArgumentError(given, { expected: 'one dataset, as it names one place', actual: 'several' });
}

/** What the command line calls the options of formats. */
const FORMAT_OPTIONS = {
  rate: '--rate',
  csv: '--csv',
  column: '--column',
  encoding: '--encoding',
  microvoltsPerCount: '--microvolts-per-count',
  leadOrder: '--lead-order',
  acceptPlaceholderChecksums: '--accept-placeholder-checksums',
} as const;
type FormatOption = keyof typeof FORMAT_OPTIONS;
/** What formats call options that the command line calls otherwise. */
const NAMES_ELSEWHERE: Readonly<Partial<Record<FormatOption, string>>> = {
  column: 'columns',
  acceptPlaceholderChecksums: 'placeholderChecksums',
};

/** Refuses what a dataset's format would leave unread. */
function requireTaken(name: string, given: StandardiseOptions): void {
  const { options } = datasetFormat(name);
  const takes = (key: FormatOption) => options.includes(NAMES_ELSEWHERE[key] ?? key);
  const keys = Object.keys(FORMAT_OPTIONS) as FormatOption[];
  const unread = keys.find((key) => given[key] !== undefined && !takes(key));
  if (unread === undefined) return;
  const taken = keys.filter(takes).map((key) => FORMAT_OPTIONS[key]);
  const expected = taken.length === 0 ? `no such option for ${name}` : `${taken.join(' or ')} for ${name}`;
  throw new ArgumentError('option', { expected, actual: FORMAT_OPTIONS[unread] });
}

async function standardise(
  name: string,
  options: {
    readonly from: string;
    readonly to: string;
    /** For the dataset's format, which takes what it knows. */
    readonly reading: DatasetOptions & Pick<StandardiseOptions, 'microvoltsPerCount' | 'leadOrder'>;
    readonly storing: WriteStoreOptions;
  },
): Promise<void> {
  const { from, to, reading, storing } = options;
  const opened = await datasetFormat(name).open(from, reading);
  const choices = Object.entries(opened.choices).map(([key, value]) => `${key} ${value}`);
  const { workers = 1 } = storing;
  if (workers > 1) choices.push(`${workers} processes`);
  say(`${name} in ${shown(from)}: ${[`${count(opened.rows.length)} records`, ...choices].join(', ')}`);
  if (workers > availableCores()) say(`  more processes than the ${availableCores()} cores here`);
  const line = progressLine(`standardise ${name}`, 'records');
  const start = performance.now();
  let resumed = 0;
  const written = await writeStore(to, opened, {
    ...storing,
    opener: { name, arguments: [from, reading] },
    onProgress: (progress) => {
      resumed = progress.resumed;
      line.update(progress.done, progress.total, progress.resumed);
    },
    onWorkerDeath: (fault) => line.say(`  ${fault.message}; its shard is made again`),
  }).finally(() => {
    line.end();
    opened.close?.();
  });
  const seconds = (performance.now() - start) / 1000;
  if (written.existed) {
    say(
      'the store is there already, made from the same rows and options; --anew makes it again, should files have changed',
    );
  } else {
    if (written.replaced !== undefined) say(`the store that was there is made anew: ${written.replaced}`);
    const perSecond = Math.round((opened.rows.length - resumed) / seconds);
    const before = resumed > 0 ? `, ${count(resumed)} from an earlier call` : '';
    say(`standardised in ${duration(seconds)} (${count(perSecond)} records/s)${before}`);
  }
  const store = await openStore(to);
  const description = describeStore(store);
  store.close();
  sayStore(to, description);
}
