import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DownloadContext } from '../../data-scripts/commands/download';
import { dataProgram } from '../../data-scripts/program';
import { rawPlace } from '../../data-scripts/raw-place';
import { physioNetProject } from '../../data-scripts/sources/physionet';
import { ptbXlSource } from '../../data-scripts/sources/ptb-xl';
import { zenodoRecord } from '../../data-scripts/sources/zenodo';
import { verifyRaw } from '../../data-scripts/verify/verify-raw';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { LEADS } from '../../lib/signal/leads';
import { writeStore } from '../../lib/store/write-store';
import { realData } from '../real-data';
import { zipFile } from '../setup/zip-file';
import { exampleDataset } from '../store/example-dataset';
import { cutAt, FaultyServer, status } from './faulty-server';

/** Runs `npm run data -- ARGS` in this process; its output, and its fault if it had one. */
async function run(
  args: readonly string[],
  context: Partial<DownloadContext> = {},
): Promise<{ out: string; fault?: Error }> {
  const lines: string[] = [];
  const write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const spy of spies) spy.mockImplementation(write);
  const program = dataProgram(context);
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write });
    command.commands.forEach(quiet);
  };
  quiet(program);
  try {
    await program.parseAsync(['node', 'data', ...args]);
    return { out: lines.join('') };
  } catch (fault) {
    return { out: lines.join(''), fault: fault as Error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

afterEach(() => vi.restoreAllMocks());

const place = () => mkdtempSync(join(tmpdir(), 'hybrid-ecg-data-'));

/** All files under a folder, by their names in it. */
function filesOf(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}

function sha256List(files: Record<string, Buffer>): Buffer {
  const lines = Object.entries(files).map(
    ([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')} ${name}\n`,
  );
  return Buffer.from(lines.join(''));
}

describe('npm run data', () => {
  it('writes the synthetic cohort, standardises, verifies and describes it', async () => {
    const folder = place();
    const [raw, store] = [join(folder, 'raw'), join(folder, 'store')];
    const written = await run(['synthetic', '--to', raw, '--ecgs', '30']);
    expect(written.fault).toBeUndefined();
    expect(written.out).toMatch(/raw, PTB-XL’s format: 42 ECGs of \d+ patients, 12 broken on purpose/);
    expect((await run(['synthetic', '--to', raw, '--ecgs', '30'])).out.match(/there already/g)).toHaveLength(6);

    const standardised = await run(['standardise', 'synthetic', '--from', raw, '--to', store]);
    expect(standardised.fault).toBeUndefined();
    expect(standardised.out).toMatch(/42 records, rate 500/);
    expect(standardised.out).toMatch(/standardised in .* records\/s/);
    expect(standardised.out).toMatch(/synthetic in .*: 30 records of \d+ patients/);
    expect(standardised.out).toMatch(/rejected: 12 \(.*unreadable 3.*\); each in rejected.csv/);
    const again = await run(['standardise', 'synthetic', '--from', raw, '--to', store]);
    expect(again.out).toMatch(
      /there already, .*; --anew makes it again[\s\S]*3 could not be read: .* --anew tries them/,
    );
    const tried = await run(['standardise', 'synthetic', '--from', raw, '--to', store, '--anew']);
    expect(tried.out).toMatch(/made anew: as asked for\nstandardised in/);
    const ikem = await run(['standardise', 'synthetic-ikem', '--from', `${raw}-ikem`, '--to', join(folder, 'ikem')]);
    expect(ikem.out).toMatch(/synthetic-ikem in .*: 1 records of 1 patients/); // a 30th of 30
    expect(ikem.out).toMatch(/rejected: 4 \(.*duplicate 1.*\); each in rejected.csv/);
    const asked = ['--microvolts-per-count', '4.88', '--keep-duplicates', '--workers', '2']; // workers must hear of both
    const other = ['standardise', 'synthetic-ikem', '--from', `${raw}-ikem`, '--to', join(folder, 'ikem'), ...asked];
    const scaled = await run(other);
    expect(scaled.fault).toBeUndefined();
    expect(scaled.out).toMatch(/microvoltsPerCount 4\.88, .*2 processes/);
    expect(scaled.out).toMatch(/2 records of 1 patients\n {2}rejected: 3 /);

    expect((await run(['verify', 'synthetic', '--store', store])).out).toMatch(/30 records in 1 shards are whole/);
    const both = await run(['verify', 'synthetic', '--store', store, '--from', raw]);
    expect(both.out).toMatch(/raw: not compared: no list of the publisher.*\n.*store: 30 records/);
    const described = await run(['describe', 'synthetic', '--store', store]);
    expect(described.out).toMatch(/folds: 1 \d+.*\n {2}superclasses: NORM \d+, MI \d+/);

    const filtered = ['--type', 'float32', '--band-pass', '0.5-40', '--z-score', '--workers', '1'];
    const anew = await run(['standardise', 'synthetic', '--from', raw, '--to', store, ...filtered]);
    expect(anew.fault).toBeUndefined();
    expect(anew.out).toMatch(/standardised in/);
    expect(JSON.parse(readFileSync(join(store, 'manifest.json'), 'utf8'))).toMatchObject({
      type: '<f4',
      standardise: { bandPass: { lowHz: 0.5, highHz: 40 }, zScore: true },
    });

    expect(
      (await run(['standardise', 'synthetic', '--from', raw, '--to', store, '--type', 'int16'])).fault,
    ).toBeUndefined();
    expect(JSON.parse(readFileSync(join(store, 'manifest.json'), 'utf8'))).toMatchObject({ type: '<i2' });

    truncateSync(join(store, 'shard-00000.npy'), 1000);
    const damaged = await run(['verify', 'synthetic', '--store', store, '--from', raw]);
    expect(damaged.fault?.message).toMatch(/bytes of the shard/);
    expect(damaged.out).toMatch(/raw: not compared[\s\S]*bytes of the shard/);
  });

  it('writes into no folder that holds what it has not written', async () => {
    const folder = place();
    const real = join(folder, 'real');
    mkdirSync(join(real, 'records500/00000'), { recursive: true });
    for (const name of ['ptbxl_database.csv', 'scp_statements.csv', 'records500/00000/00001_hr.dat']) {
      writeFileSync(join(real, name), 'real');
    }
    const before = filesOf(real);
    const written = await run(['synthetic', '--to', real, '--ecgs', '1']);
    expect(written.fault?.message).toMatch(
      /real: folder to write into: expected an empty one, or the synthetic cohort .*, got ptbxl_database\.csv, records500, .* and 2 more/,
    );
    expect(filesOf(real)).toEqual(before);

    const [raw, store] = [join(folder, 'raw'), join(folder, 'store')];
    await run(['synthetic', '--to', raw, '--ecgs', '30']);
    await run(['standardise', 'synthetic-ikem', '--from', `${raw}-ikem`, '--to', store]);
    for (const to of [real, raw, store]) {
      const there = filesOf(to);
      const refused = await run(['standardise', 'synthetic', '--from', raw, '--to', to]);
      expect(refused.fault?.message).toMatch(
        /folder to write into: expected an empty one, or the store of synthetic: name/,
      );
      expect(filesOf(to)).toEqual(there);
    }
    const anew = await run(['standardise', 'synthetic', '--from', raw, '--to', store, '--anew']);
    expect(anew.out).toMatch(/made anew: .*\n[\s\S]*synthetic in .*: 30 records/);
  });

  it('tells what a store takes away from ECGs, and which it would destroy', async () => {
    const folder = place();
    const raw = join(folder, 'raw');
    const beat = (k: number) => Math.round(200 * Math.sin(k / 9));
    const records = {
      whole: { samples: 5000, value: (k: number, lead: number) => beat(k + lead) },
      offset: { samples: 5000, value: (k: number, lead: number) => beat(k + lead) + 20_000 }, // 100 mV
      spike: { samples: 5000, value: (k: number, lead: number) => (k === 2500 ? 15_000 : beat(k + 2 * lead)) },
      short: { samples: 4000, value: (k: number, lead: number) => beat(2 * k + lead) },
      long: { samples: 6000, value: (k: number, lead: number) => beat(3 * k + lead) },
    };
    for (const [name, { samples, value }] of Object.entries(records)) {
      const adc = LEADS.map((_, lead) => Int16Array.from({ length: samples }, (_, k) => value(k, lead)));
      writeWfdbRecord(join(raw, name), { fsHz: 500, leads: LEADS, adc, gainPerMv: 200 });
    }
    const rows = Object.keys(records).map((name, i) => `${name},p${i},${name === 'short' ? '' : i + 1}`);
    writeFileSync(join(raw, 'records.csv'), `record,patient_id,strat_fold\n${rows.join('\n')}\n`);
    const store = join(folder, 'store');
    const { out, fault } = await run(['standardise', 'wfdb-folder', '--from', raw, '--to', store, '--type', 'int16']);
    expect(fault).toBeUndefined();
    expect(out).toMatch(/4 records of 4 patients\n {2}rejected: 1 \(not-representable 1\); each in rejected\.csv\n/);
    expect(out).toContain('  folds: 1 1, 3 1, 5 1; none 1\n  superclasses: none in this dataset\n');
    expect(out).toContain('  longer than 10 s: 1, cropped about the centre\n');
    expect(out).toContain('  shorter than 10 s: 1, padded with zeros at both ends\n');
    expect(out).toMatch(/beyond the ±32\.767 mV of int16: \d+ values, clipped; float32 keeps them/);
    expect(out).toMatch(/1 would have lost their signal as stored: rejected\.csv says how/);
    expect(readFileSync(join(store, 'rejected.csv'), 'utf8')).toMatch(
      /^offset,p1,offset,not-representable,"beyond the \+-32\.767 mV of int16: I 2500 of 2500 samples, to 10\d\.\d mV/m,
    );
    const described = await run(['describe', 'wfdb-folder', '--store', store]);
    for (const line of out.split('\n').filter((text) => /^ {2}\S/.test(text))) expect(described.out).toContain(line);
  });

  it('says of each reason for which records were rejected what can be done', async () => {
    const folder = place();
    const raw = join(folder, 'raw');
    const adc = LEADS.map((_, i) =>
      Int16Array.from({ length: 5000 }, (_, k) => Math.round((300 + i) * Math.sin(k / 9))),
    );
    const changes: [string, (header: string) => string][] = [
      ['a', (header) => header.replaceAll('/mV', '/mmHg')],
      ['b', (header) => header.replace(/ V6$/m, ' MLII')],
      ['c', (header) => header.replaceAll(/ 0 -?\d+ -?\d+ 0 (\w+)$/gm, ' 0 0 0 0 $1')],
      ['d', (header) => header.replaceAll('/mV', '/mv')],
      ['e', (header) => header.replace(/^e 12 500/, 'e 12 0.5')],
    ];
    for (const [name, change] of changes) {
      const scaled = adc.map((lead) => lead.map((value) => value + name.charCodeAt(0)));
      writeWfdbRecord(join(raw, name), { fsHz: 500, leads: LEADS, adc: scaled });
      writeFileSync(join(raw, `${name}.hea`), change(readFileSync(join(raw, `${name}.hea`), 'utf8')));
    }
    writeWfdbRecord(join(raw, 'short'), { fsHz: 500, leads: LEADS, adc: adc.map((lead) => lead.subarray(0, 10)) });
    const rows = ['a', 'b', 'c', 'd', 'e', 'short', 'gone'].map((name) => `${name},${name}\n`);
    writeFileSync(join(raw, 'records.csv'), `record,patient_id\n${rows.join('')}`);
    const args = ['standardise', 'wfdb-folder', '--from', raw, '--to', join(folder, 'store')];
    const { out, fault } = await run(args);
    expect(fault).toBeUndefined();
    expect(out).toContain('1 records of 1 patients');
    expect(out).toMatch(/missing-file: 1 have files that are not here/);
    expect(out).toMatch(/unreadable: 1 could not be read/);
    expect(out).toMatch(/not-a-voltage: 1 have a lead in a unit that is no voltage: correct the headers/);
    expect(out).toMatch(/missing-lead: 1 lack a lead .* rename it in the headers/);
    expect(out).toMatch(/implausible-rate: 1 .*: correct the headers/);
    expect(out).toMatch(/too-short: 1 are too short/);
    const rejected = readFileSync(join(folder, 'store/rejected.csv'), 'utf8');
    expect(rejected).toContain('standardise --accept-placeholder-checksums');
    for (const workers of ['1', '2']) {
      const accepted = await run([...args, '--accept-placeholder-checksums', '--anew', '--workers', workers]);
      expect(accepted.fault).toBeUndefined();
      expect(accepted.out).toContain('2 records of 2 patients');
      expect(accepted.out).toContain('placeholders for checksums: 1, so nothing shows that they are whole');
      expect(accepted.out).not.toContain('could not be read');
    }
    const manifest = JSON.parse(readFileSync(join(folder, 'store/manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ unverified: 1, choices: { placeholderChecksums: 'accept' } });
  });

  it('downloads a project of PhysioNet, compares each file with the list, and standardises it zipped', async () => {
    const folder = place();
    await run(['synthetic', '--to', join(folder, 'cohort'), '--ecgs', '6']);
    const files = filesOf(join(folder, 'cohort'));
    const list = sha256List(files);
    const project = {
      dataset: 'ptb-xl',
      licence: 'CC BY 4.0',
      slug: 'ptb-xl',
      version: '1.0.3',
      zip: 'ptb-xl-1.0.3.zip',
    };
    const server = await FaultyServer.start();
    const sources = [physioNetProject({ ...project, zipBytes: 1e6, origin: server.origin })];
    const context = { sources, patience: { firstWaitMs: 2 } };
    const inside = Object.entries({ ...files, 'SHA256SUMS.txt': list });
    const zip = zipFile(Object.fromEntries(inside.map(([name, bytes]) => [`ptb-xl-1.0.3/${name}`, bytes])));
    server.files.set('/files/ptb-xl/1.0.3/SHA256SUMS.txt', { bytes: list, type: 'text/plain' });
    server.files.set('/static/published-projects/ptb-xl/ptb-xl-1.0.3.zip', { bytes: zip, etag: '"1"' });
    server.faults.push(undefined, cutAt(5000));
    const raw = join(folder, 'raw');
    const downloaded = await run(['download', 'ptb-xl', '--to', raw, '--at-a-time', '1'], context);
    expect(downloaded.fault).toBeUndefined();
    expect(downloaded.out).toMatch(/^ptb-xl: CC BY 4.0, http.*\/content\/ptb-xl\/1.0.3\/$/m);
    expect(downloaded.out).toMatch(/^ {2}ptb-xl-1.0.3.zip: the connection was lost at [\d.]+ k?B; again$/m);
    expect(downloaded.out).toMatch(/ptb-xl: [\d.]+ MB downloaded in \d+ s \([\d.]+ MB\/s\)/);
    expect(downloaded.out).toMatch(/zip: \d+ files \([\d.]+ MB\) are as in the publisher’s SHA256SUMS.txt/);
    expect(downloaded.out).toMatch(/next: npm run data -- standardise ptb-xl --from \/.*\/ptb-xl-1.0.3.zip\n$/);
    const again = await run(['download', 'ptb-xl', '--to', raw], context);
    expect(again.out).toMatch(/all files are there already\nnext:/); // and no second comparison

    const found = rawPlace(join(raw, 'ptb-xl'), sources[0]);
    expect(found).toBe(join(raw, 'ptb-xl', 'ptb-xl-1.0.3.zip'));
    const store = join(folder, 'store');
    const standardised = await run(['standardise', 'ptb-xl', '--from', found, '--to', store]);
    expect(standardised.fault).toBeUndefined();
    expect(standardised.out).toMatch(/18 records, rate 500/);
    expect((await run(['verify', 'ptb-xl', '--from', found, '--store', store])).out).toMatch(
      /are as in.*\n.*are whole/,
    );
    const described = await run(['describe', 'ptb-xl', '--store', store]);
    expect(described.out).toMatch(
      / {2} +paper +ours +difference\n {2}patients +18,869 +\d+ +−18,\d{3}\n {2}ECGs +21,799/,
    );

    renameSync(found, join(raw, 'ptb-xl.zip'));
    expect(rawPlace(join(raw, 'ptb-xl'), sources[0])).toBe(join(raw, 'ptb-xl.zip'));
    await server.stop();
  });

  it('says how a damaged zip of PhysioNet is had again, and goes on once that was done', async () => {
    const raw = join(place(), 'raw');
    const files = { 'a.csv': Buffer.from('a,b\n'), 'b.csv': Buffer.from('c,d\n') };
    const server = await FaultyServer.start();
    const project = { dataset: 'ptb-xl', licence: 'CC BY 4.0', slug: 'x', version: '1', zip: 'x.zip', zipBytes: 1e15 };
    const context = { sources: [physioNetProject({ ...project, origin: server.origin })] };
    const download = () => run(['download', 'ptb-xl', '--to', raw], context);
    const zip = zipFile({ ...files, 'SHA256SUMS.txt': sha256List(files) });
    const other = zipFile({ ...files, 'a.csv': Buffer.from('a,B\n') });
    const list = { bytes: sha256List(files), type: 'text/plain' };
    const [listUrl, zipUrl] = ['/files/x/1/SHA256SUMS.txt', '/static/published-projects/x/x.zip'];
    const path = join(raw, 'ptb-xl', 'x.zip');
    server.files.set(listUrl, list);
    mkdirSync(join(raw, 'ptb-xl'), { recursive: true });
    for (const [bytes, message] of [
      [other, /x.zip: publisher’s files: expected all whole; remove the file to download it again, got 1 damaged/],
      [Buffer.alloc(other.length), /x.zip: publisher’s file: expected .*; remove the file to download it again, got/],
    ] as const) {
      writeFileSync(path, bytes); // by hand: the petabyte that the publisher announces need not come
      for (const _ of [1, 2]) expect((await download()).fault?.message).toMatch(message);
      rmSync(path);
    }
    server.files.set(zipUrl, { bytes: zip });
    context.sources = [physioNetProject({ ...project, zipBytes: 1000, origin: server.origin })];
    expect((await download()).fault).toBeUndefined();

    rmSync(join(raw, 'ptb-xl'), { recursive: true });
    server.files.set(listUrl, { ...list, bytes: Buffer.from('nonsense\n') });
    const message =
      /SHA256SUMS.txt, line 1: publisher’s file: expected a hash and a name; remove the file to download it/;
    expect((await download()).fault?.message).toMatch(message);
    await server.stop();
  });

  it('tells each file that is not as the publisher lists it', async () => {
    const folder = place();
    const files = Object.fromEntries(
      ['a.csv', 'low/1.dat', 'low/2.dat', 'high/1.dat', 'high/2.dat'].map((name) => [name, Buffer.from(name)]),
    );
    for (const [name, bytes] of Object.entries({ ...files, 'SHA256SUMS.txt': sha256List(files) })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    const verify = () => run(['verify', 'ptb-xl', '--from', folder]);
    expect((await verify()).out).toMatch(/: 5 files \(43 B\) are as in the SHA256SUMS.txt in hybrid-ecg-data-/);
    rmSync(join(folder, 'high'), { recursive: true }); // not wanted
    const low = await verify();
    expect(low.fault).toBeUndefined();
    expect(low.out).toMatch(/3 files .*\n {2}high\/ is not here \(2 files\)/);
    rmSync(join(folder, 'low', '1.dat'));
    writeFileSync(join(folder, 'a.csv'), 'A.csv');
    const { out, fault } = await verify();
    expect(fault).toMatchObject({ tag: 'ChecksumError' });
    expect(fault?.message).toMatch(
      /files: expected all whole; remove those that are not .* again, got 1 damaged and 1 missing/,
    );
    expect(out).toMatch(/damaged: a.csv: SHA-256 [0-9a-f]{64} in place of [0-9a-f]{64}\n {2}missing: low\/1.dat/);
    for (const [list, message] of [
      ['nonsense\n', /line 1: list of SHA-256: expected a hash and a name, got 'nonsense'/],
      [`${'0'.repeat(64)} ../../etc/passwd\n`, /got 1 damaged/],
    ] as const) {
      writeFileSync(join(folder, 'SHA256SUMS.txt'), list);
      expect((await verify()).fault?.message).toMatch(message);
    }
    expect((await run(['verify', 'ptb-xl', '--from', join(folder, 'none')])).fault?.message).toMatch(/got none/);
  });

  it('says how far a download is, where a wait is, and stops on a signal', async () => {
    const server = await FaultyServer.start();
    const bytes = Buffer.from('exam_id\n');
    const checksum = `md5:${createHash('md5').update(bytes).digest('hex')}`;
    const record = { files: [{ key: 'exams.csv', size: bytes.length, checksum }] };
    server.files.set('/api/records/7', { bytes: Buffer.from(JSON.stringify(record)) });
    server.files.set('/api/records/7/files/exams.csv/content', { bytes });
    const sources = [zenodoRecord({ dataset: 'ikem', licence: 'CC BY-NC-ND 4.0', record: 7, origin: server.origin })];
    const stop = new AbortController();
    server.faults.push(undefined, (_request, response) => {
      response.writeHead(503).end();
      setTimeout(() => stop.abort(), 50);
    });
    const raw = join(place(), 'raw');
    const stopped = await run(['download', 'ikem', '--to', raw], { sources, signal: stop.signal });
    expect(stopped.fault?.name).toBe('AbortError');
    expect(stopped.out).toMatch(/^ {2}exams.csv: the server answers 503 Service Unavailable; again in 1 s$/m);
    server.faults.push(status(404), undefined, undefined);
    expect((await run(['download', 'ikem', '--to', raw], { sources })).fault?.message).toMatch(/got 404 Not Found/);
    const done = await run(['download', 'ikem', '--to', raw], { sources });
    expect(done.out).toMatch(/ikem: 8 B downloaded in 0 s/);
    await server.stop();
  });

  it('describes several datasets, and what the paper says of them', async () => {
    const folder = place();
    await writeStore(folder, { ...exampleDataset(30), name: 'mimic-iv-ecg' });
    const { out, fault } = await run(['describe', 'mimic-iv-ecg', '--store', folder]);
    expect(fault).toBeUndefined();
    expect(out).toMatch(/patients +161,352 +\d+ +−161,\d{3}\n {2}ECGs +800,035 +30 +−800,005\n/);
    expect(out).toMatch(/rate, Hz +500 +100 +−400/);
    const several = await run(['describe', 'mimic-iv-ecg', 'ptb-xl', '--store', folder]);
    expect(several.fault?.message).toBe('--store: expected one dataset, as it names one place, got several');
  });

  it('says what it does not know', async () => {
    expect((await run(['standardize'])).out).toMatch(/unknown command 'standardize'[\s\S]*Did you mean standardise/);
    expect((await run(['standardise', 'ptbxl'])).out).toMatch(
      /'ptbxl' is invalid for argument 'dataset'. Allowed choices are ptb-xl, .*synthetic/,
    );
    expect((await run(['standardise', 'ptb-xl', '--form', 'x'])).out).toMatch(/unknown option '--form'[\s\S]*--from/);
    expect((await run(['synthetic', '--ecgs', 'many'])).out).toContain('expected a whole number');
    expect((await run(['standardise', 'ptb-xl', '--workers', '0'])).out).toContain('a whole number, at least 1');
    expect((await run(['standardise', 'ptb-xl', '--band-pass', '40'])).out).toContain('two frequencies in Hz');
    expect((await run(['standardise', 'ptb-xl', '--column', 'x'])).out).toContain('such as patient_id=subject');
    expect((await run(['standardise'])).out).toContain('missing required argument');
    expect((await run(['download', 'synthetic'])).out).toMatch(/Allowed choices are ptb-xl, mimic-iv-ecg, code-15/);
    const nowhere = await run(['standardise', 'ptb-xl', '--from', '/nowhere']);
    expect(nowhere.fault?.message).toMatch(/expected .*got none/);
    const spelled = await run(['standardise', 'ptb-xl', '--rate', '500.0', '--from', '/nowhere']);
    expect(spelled.fault?.message).toMatch(/expected a folder or a zip archive, got none/);
    const two = await run(['standardise', 'ptb-xl', 'synthetic', '--from', '/nowhere']);
    expect(two.fault?.message).toBe('--from: expected one dataset, as it names one place, got several');
    const placeholders = '--accept-placeholder-checksums';
    for (const [args, message] of [
      ['uk-biobank --rate 100', 'option: expected no such option for uk-biobank, got --rate'],
      ['mimic-iv-ecg --rate 100', `option: expected ${placeholders} for mimic-iv-ecg, got --rate`],
      ['ptb-xl --csv labels.csv', `option: expected --rate or ${placeholders} for ptb-xl, got --csv`],
      ['synthetic --column record=file', `option: expected --rate or ${placeholders} for synthetic, got --column`],
      [
        'wfdb-folder --rate 100',
        `option: expected --csv or --column or --encoding or ${placeholders} for wfdb-folder, got --rate`,
      ],
      ['code-15 --lead-order x', 'option: expected --rate for code-15, got --lead-order'],
      ['ptb-xl uk-biobank --rate 100', 'option: expected no such option for uk-biobank, got --rate'],
      [`code-15 ${placeholders}`, `option: expected --rate for code-15, got ${placeholders}`],
    ] as const) {
      expect((await run(['standardise', ...args.split(' ')])).fault?.message).toBe(message);
    }
    const own = place();
    writeFileSync(join(own, 'records.csv'), Buffer.from('record;patient_id\na;M\xfcller\n', 'latin1'));
    const standardise = ['standardise', 'wfdb-folder', '--from', own, '--to', join(own, 'store')];
    expect((await run(standardise)).fault?.message).toMatch(/records.csv, line 2, column 4: .* such as windows-1252/);
    expect((await run([...standardise, '--encoding', 'windows-1252'])).out).toContain('1 records');
    expect((await run([...standardise, '--encoding', 'x'])).fault?.message).toMatch(/^encoding: expected .* got 'x'/);
    const restricted = await run(['download', 'uk-biobank']);
    expect(restricted.fault).toMatchObject({ tag: 'AccessError' });
    expect(rawPlace('/nowhere/ptb-xl', ptbXlSource)).toBe('/nowhere/ptb-xl');
  });
});

describe.skipIf(realData('ptb-xl-500hz-500') === undefined)('PhysioNet’s own list (skipped without real ECGs)', () => {
  it('is read, and real ECGs are as it says', async () => {
    const report = await verifyRaw(realData('ptb-xl-500hz-500')!);
    const { wholeFiles, missingFiles, leftOut, damages } = report!.findings;
    expect({ wholeFiles, missingFiles, leftOut }).toEqual({
      wholeFiles: 201, // 100 records, header and signal, and scp_statements.csv
      missingFiles: 0,
      leftOut: [{ folder: 'records100', files: 200 }],
    });
    expect(damages.map(({ name }) => name)).toEqual(['LICENSE.txt', 'ptbxl_database.csv']); // cut for these records
  });
});
