import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DownloadOptions, downloadDataset } from '../../data-scripts/download/download-dataset';
import { readDownloadRecord } from '../../data-scripts/download/download-record';
import { type Network, openNetwork } from '../../data-scripts/download/network';
import { physioNetProject } from '../../data-scripts/sources/physionet';
import { SOURCES } from '../../data-scripts/sources/sources';
import { ukBiobankSource } from '../../data-scripts/sources/uk-biobank';
import { zenodoRecord } from '../../data-scripts/sources/zenodo';
import { verifyRecord } from '../../data-scripts/verify/verify-record';
import { randomStream } from '../../lib/random';
import { zipFile } from '../setup/zip-file';
import { cutAt, FaultyServer, rightAnswer, stallAt, status } from './faulty-server';

const DIST = resolve(__dirname, '../../data-scripts/dist/download');
const built = existsSync(join(DIST, 'download-dataset.js'));

let server: FaultyServer;
let network: Network;
let folder: string;

beforeEach(async () => {
  server = await FaultyServer.start();
  network = openNetwork();
  folder = join(mkdtempSync(join(tmpdir(), 'dataset-')), 'raw', 'set');
});

afterEach(async () => {
  await network.close();
  await server.stop();
});

function noise(bytes: number, name: string): Buffer {
  const { integer } = randomStream(2, name);
  return Buffer.from(Array.from({ length: bytes }, () => integer(256)));
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

/** Lays up a record of Zenodo with these files; returns its source. */
function zenodo(files: Record<string, Buffer>) {
  const listed = Object.entries(files).map(([key, bytes]) => ({
    key,
    size: bytes.length,
    checksum: `md5:${md5(bytes)}`,
  }));
  const answer = Buffer.from(JSON.stringify({ id: 7, files: listed, metadata: {} }));
  server.files.set('/api/records/7', { bytes: answer, type: 'application/json' });
  for (const [key, bytes] of Object.entries(files)) {
    server.files.set(`/api/records/7/files/${key}/content`, { bytes, etag: `"${md5(bytes)}"` });
  }
  return zenodoRecord({ dataset: 'set', licence: 'CC BY 4.0', record: 7, origin: server.origin });
}

const QUICK = { patience: { triesAtFirst: 3, triesLater: 3, firstWaitMs: 2, longestWaitMs: 4 }, environment: {} };

function get(source: ReturnType<typeof zenodo>, options: DownloadOptions = {}) {
  return downloadDataset(source, folder, network, { ...QUICK, ...options });
}

describe('a record of Zenodo', () => {
  const tracings = noise(120_000, 'tracings');
  const part = zipFile({ 'exams_part0.hdf5': tracings });
  const csv = Buffer.from('exam_id,patient_id\n1,2\n');

  it('is downloaded, checked, unpacked, noted, and not fetched again', async () => {
    const source = zenodo({ 'exams.csv': csv, 'exams_part0.zip': part });
    const events: string[] = [];
    let last = { done: 0, total: 0, resumed: 0 };
    const unpacked: [string, number, number][] = [];
    const downloaded = await get(source, {
      onEvent: (line) => events.push(line),
      onProgress: (now) => (last = now),
      onUnpack: (name) => (done, total) => unpacked.push([name, done, total]),
    });
    expect(unpacked.at(-1)).toEqual(['exams_part0.zip', tracings.length, tracings.length]);
    expect(downloaded).toMatchObject({ existed: false, bytes: csv.length + part.length });
    expect(last).toEqual({ done: csv.length + part.length, total: csv.length + part.length, resumed: 0 });
    expect(readdirSync(folder)).toEqual(['download.json', 'exams.csv', 'exams_part0.hdf5']);
    expect(readFileSync(join(folder, 'exams_part0.hdf5')).equals(tracings)).toBe(true);
    expect(events).toEqual(['exams_part0.zip is whole; unpacking it']);
    expect(readDownloadRecord(folder)).toMatchObject({
      dataset: 'set',
      files: [
        { name: 'exams.csv', bytes: csv.length, checksum: { algorithm: 'md5', value: md5(csv) } },
        { name: 'exams_part0.zip', unpacked: [{ name: 'exams_part0.hdf5', bytes: tracings.length }] },
      ],
    });
    server.asked.length = 0;
    expect(await get(source)).toMatchObject({ existed: true, bytes: 0 });
    expect(server.asked.map(({ url }) => url)).toEqual(['/api/records/7']);

    const record = readDownloadRecord(folder)!;
    expect(await verifyRecord(folder, record)).toMatchObject({ wholeFiles: 2, damagedFiles: 0, missingFiles: 0 });
    truncateSync(join(folder, 'exams_part0.hdf5'), 100);
    writeFileSync(join(folder, 'exams.csv'), csv.toString().toUpperCase());
    const { damages } = await verifyRecord(folder, record);
    expect(damages.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      expect.stringMatching(/^exams.csv: MD5 [0-9a-f]{32} in place of [0-9a-f]{32}$/),
      'exams_part0.hdf5: 100 bytes in place of 120000',
    ]);
    const other = Buffer.from(tracings);
    other[5000] ^= 1;
    writeFileSync(join(folder, 'exams_part0.hdf5'), other);
    expect((await verifyRecord(folder, record)).damages[1].detail).toMatch(/CRC-32 [0-9a-f]{8} in place of/);
    rmSync(join(folder, 'exams_part0.hdf5'));
    expect(await get(source)).toMatchObject({ existed: false, bytes: part.length }); // the zip again, for its file
    expect(readFileSync(join(folder, 'exams_part0.hdf5')).equals(tracings)).toBe(true);
  });

  it('stays zipped when asked to, and is unpacked later without being fetched again', async () => {
    const source = zenodo({ 'exams_part0.zip': part });
    await get(source, { zipped: true });
    expect(readdirSync(folder)).toEqual(['download.json', 'exams_part0.zip']);
    expect(await get(source, { zipped: true })).toMatchObject({ existed: true });
    expect(await get(source)).toMatchObject({ existed: false, bytes: 0 });
    expect(readdirSync(folder)).toEqual(['download.json', 'exams_part0.hdf5']);
  });

  it('comes several files at a time, no more than asked for', async () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`part${i}.hdf5`, noise(3000, `part ${i}`)]));
    const source = zenodo(files);
    const slow = (...[, response, { bytes }]: Parameters<ReturnType<typeof status>>) =>
      setTimeout(() => response.end(bytes), 40);
    server.faults.push(undefined, ...Array(8).fill(slow));
    await get(source, { atATime: 3 });
    expect(server.atOnce).toBe(3);
    for (const [name, bytes] of Object.entries(files))
      expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
    await expect(get(source, { atATime: 0 })).rejects.toThrow(/files at a time: expected a whole number >= 1, got 0/);
  });

  it('stops all files when one fails, and goes on with what they have', async () => {
    const big = noise(200_000, 'big');
    const source = zenodo({ 'a.hdf5': big, 'b.hdf5': csv });
    server.faults.push(undefined, stallAt(50_000), (_request, response) =>
      setTimeout(() => response.writeHead(400).end(), 60),
    );
    await expect(get(source)).rejects.toThrow(/got 400 Bad Request/);
    expect(statSync(join(folder, 'a.hdf5.part')).size).toBe(50_000);
    let first: { resumed: number } | undefined;
    await get(source, { onProgress: (now) => (first ??= now) });
    expect(first?.resumed).toBe(50_000);
    expect(readFileSync(join(folder, 'a.hdf5')).equals(big)).toBe(true);
  });

  it('takes over a file that lies there, when it is the right one', async () => {
    mkdirSync(folder, { recursive: true });
    const source = zenodo({ 'exams.csv': csv, 'exams_part0.zip': part });
    writeFileSync(join(folder, 'exams.csv'), csv);
    expect(await get(source)).toMatchObject({ bytes: part.length });
    rmSync(join(folder, 'download.json'));
    writeFileSync(join(folder, 'exams.csv'), csv.toString().toUpperCase());
    await expect(get(source)).rejects.toMatchObject({
      tag: 'ChecksumError',
      where: { file: join(folder, 'exams.csv') },
    });
    writeFileSync(join(folder, 'exams.csv'), 'mine');
    await expect(get(source)).rejects.toThrow(
      /exams.csv: size: expected 23 bytes; remove the file to download it again/,
    );
    expect(readFileSync(join(folder, 'exams.csv'), 'utf8')).toBe('mine');
  });

  it('replaces no file that it has not brought', async () => {
    const source = zenodo({ 'exams.csv': csv, 'exams_part0.zip': part });
    for (const [name, message] of [
      ['exams_part0.hdf5', /exams_part0\.hdf5: unpacked file: expected CRC-32 \d+ as in the zip; remove the file/],
      ['exams.csv.part', /exams\.csv\.part: part of a download: expected one of an earlier call, got 4 bytes without/],
    ] as const) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), 'mine');
      await expect(get(source)).rejects.toThrow(message);
      expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
      rmSync(join(folder, name));
      await get(source); // goes on
      expect(readFileSync(join(folder, 'exams.csv'))).toEqual(csv);
    }
    rmSync(join(folder, 'download.json')); // killed before the note: what is unpacked stays
    const { mtimeMs } = statSync(join(folder, 'exams_part0.hdf5'));
    await get(source);
    expect(statSync(join(folder, 'exams_part0.hdf5')).mtimeMs).toBe(mtimeMs);
    await expect(get({ ...source, dataset: 'other' })).rejects.toThrow(
      /dataset of the folder: .*name another folder, got set/,
    );
  });

  it('that the API lists wrongly is an error that says so', async () => {
    const source = zenodo({});
    for (const [answer, message] of [
      ['<html>', /list of files: expected Zenodo’s JSON .* got Unexpected token/],
      ['{"files": []}', /got .*too small|Too small/i],
      ['{"files": [{"key": "../up", "size": 1, "checksum": "md5:x"}]}', /expected a file name[\s\S]*expected md5/],
    ] as const) {
      server.files.set('/api/records/7', { bytes: Buffer.from(answer) });
      await expect(get(source)).rejects.toThrow(message);
    }
    server.faults.push(status(503), cutAt(2));
    zenodo({ 'exams.csv': csv });
    await get(source); // a busy API is asked again
    server.files.set('/api/records/7', { bytes: Buffer.alloc(17 * 2 ** 20, ' ') });
    await expect(get(source)).rejects.toThrow(/list of files: expected at most 16.8 MB, got more/);
  });

  it('whose zip is damaged, leads out or bursts leaves nothing of it', async () => {
    const cut = zipFile({ 'a.hdf5': tracings }).subarray(0, 9000);
    const changed = Buffer.from(zipFile({ 'a.hdf5': tracings }, { store: true }));
    changed[5000] ^= 1;
    for (const [zip, message] of [
      [cut, /zip: expected a whole archive, got/],
      [changed, /record a.hdf5: zip: expected a whole archive, got CRC-32 \d+ where the archive lists \d+/],
      [zipFile({ 'b.csv': csv, '../../out': csv }), /invalid relative path|name in a zip/],
      [zipFile({ '/out': csv }), /absolute path|name in a zip/],
    ] as const) {
      rmSync(folder, { recursive: true, force: true });
      const fault = await get(zenodo({ 'a.zip': zip })).catch((error) => error);
      expect(fault).toMatchObject({ tag: 'FormatError' });
      expect(fault.message).toMatch(message);
      expect(readdirSync(folder).sort()).toEqual(['a.zip', 'download.json']);
      expect(existsSync(join(folder, '../../out'))).toBe(false);
    }
  });
});

describe('a project of PhysioNet', () => {
  const list = Buffer.from(`${'0'.repeat(64)} a.hea\n`);
  const zip = zipFile({ 'set-1.0/a.hea': Buffer.from('a') });
  const source = () =>
    physioNetProject({
      dataset: 'set',
      licence: 'ODbL 1.0',
      slug: 'set',
      version: '1.0',
      zip: 'set-1.0.zip',
      zipBytes: 1000,
      origin: server.origin,
    });

  it('is one zip, which stays zipped, and the list of SHA-256', async () => {
    server.files.set('/files/set/1.0/SHA256SUMS.txt', { bytes: list, type: 'text/plain' });
    server.files.set('/content/set/get-zip/1.0/', { bytes: zip }); // not at the first URL
    await get(source());
    expect(readdirSync(folder)).toEqual(['SHA256SUMS.txt', 'download.json', 'set-1.0.zip']);
    expect(await get(source())).toMatchObject({ existed: true });
    truncateSync(join(folder, 'set-1.0.zip'), 10);
    await expect(get(source())).rejects.toThrow(/set-1.0.zip: size: expected 1\d\d bytes; remove the file/);
  });
});

describe('where data come from', () => {
  it('are the publishers of the six datasets, over encrypted connections alone', async () => {
    expect(SOURCES.map(({ dataset }) => dataset)).toEqual([
      'ptb-xl',
      'mimic-iv-ecg',
      'code-15',
      'sami-trop',
      'ikem',
      'uk-biobank',
    ]);
    const asked: string[] = [];
    const read = async (url: string) => {
      asked.push(url);
      return JSON.stringify({ files: [{ key: 'exams part.zip', size: 9, checksum: `md5:${'0'.repeat(32)}` }] });
    };
    const urls: string[] = [];
    for (const { access } of SOURCES) {
      if (access.kind === 'files') urls.push(...(await access.files(read)).flatMap((file) => file.urls));
    }
    expect([...asked, ...urls].every((url) => url.startsWith('https://'))).toBe(true);
    expect(asked).toEqual([4916206, 4905618, 8393007].map((record) => `https://zenodo.org/api/records/${record}`));
    expect(urls).toContain('https://zenodo.org/api/records/4905618/files/exams%20part.zip/content');
    expect(urls).toContain('https://physionet.org/files/mimic-iv-ecg/1.0/SHA256SUMS.txt');
    expect(urls).toContain(
      'https://physionet.org/static/published-projects/ptb-xl/ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3.zip',
    );
  });

  it('say where to apply for UK Biobank, and what its own tool needs', async () => {
    const fault = await downloadDataset(ukBiobankSource, folder, network, QUICK).catch((error) => error);
    expect(fault).toMatchObject({ tag: 'AccessError' });
    expect(fault.message).toMatch(/apply-for-access/);
    expect(fault.message).toMatch(/ukbfetch -bukbNNNNN.bulk -a"\$UKB_KEYFILE"/);
    expect(existsSync(folder)).toBe(false);
  });
});

describe.skipIf(!built)(
  'a download that is killed, or finds no room (skipped when data-scripts/dist is not built)',
  () => {
    /** Runs the compiled download in a process of its own. */
    const CHILD = `
    const { downloadDataset } = require(process.argv[1] + '/download-dataset.js');
    const { openNetwork } = require(process.argv[1] + '/network.js');
    const { zenodoRecord } = require(process.argv[1] + '/../sources/zenodo.js');
    const [, , origin, folder] = process.argv;
    const network = openNetwork();
    const onProgress = () => console.log('bytes come');
    downloadDataset(zenodoRecord({ dataset: 'set', licence: '', record: 7, origin }), folder, network, { onProgress })
      .then(() => network.close(), (error) => { console.log(error.tag + ' ' + error.message); process.exit(1); });`;

    it('goes on after each SIGKILL with what it had, to the same bytes', async () => {
      const files = {
        'a.hdf5': noise(400_000, 'a'),
        'b.zip': zipFile({ 'b.hdf5': noise(200_000, 'b') }),
        'c.csv': Buffer.from('x'),
      };
      zenodo(files);
      for (const [path, file] of server.files) {
        if (!path.includes('content')) continue;
        // 10 kB every 10 ms: 0.4 s in all
        const { bytes, etag } = file;
        server.files.set(path, {
          bytes,
          etag,
          answer(request, response) {
            const { code, headers, body } = rightAnswer(request, file);
            response.writeHead(code, headers);
            let sent = 0;
            const timer = setInterval(() => {
              response.write(body.subarray(sent, sent + 10_000));
              sent += 10_000;
              if (sent >= body.length) response.end();
            }, 10);
            response.on('close', () => clearInterval(timer));
          },
        });
      }
      const { uniform } = randomStream(3, 'kill');
      let killed = 0;
      for (;;) {
        const child = spawn(process.execPath, ['-e', CHILD, DIST, server.origin, folder], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let timer: NodeJS.Timeout | undefined;
        child.stdout.on('data', () => {
          if (killed < 3) timer ??= setTimeout(() => child.kill('SIGKILL'), 50 + 300 * uniform());
        });
        const code = await new Promise((done) => child.on('exit', done));
        clearTimeout(timer);
        if (code === 0) break;
        expect(code).toBeNull();
        killed++;
        for (const name of ['a.hdf5', 'c.csv'] as const) {
          const path = join(folder, name);
          if (existsSync(path)) expect(readFileSync(path).equals(files[name])).toBe(true); // whole under its name, or not there
        }
      }
      expect(killed).toBeGreaterThan(0);
      expect(readdirSync(folder)).toEqual(['a.hdf5', 'b.hdf5', 'c.csv', 'download.json']);
      expect(await verifyRecord(folder, readDownloadRecord(folder)!)).toMatchObject({ wholeFiles: 3, damagedFiles: 0 });
      expect(server.asked.some(({ headers }) => headers.range !== undefined)).toBe(true);
    });

    // A limit on the size of files stands in for a full disk: the write fails half way, as it does there.
    it.skipIf(process.platform === 'win32')(
      'says that the disk is full, keeps what is there and goes on when there is room (skipped on Windows, which has no ulimit)',
      async () => {
        const bytes = noise(300_000, 'full');
        const source = zenodo({ 'a.hdf5': bytes });
        const limited = `trap '' XFSZ; ulimit -f 100; exec "$0" -e "$1" "$2" "$3" "$4"`;
        const child = spawn('bash', ['-c', limited, process.execPath, CHILD, DIST, server.origin, folder], {
          stdio: 'pipe',
        });
        let out = '';
        child.stdout.on('data', (chunk) => (out += chunk));
        expect(await new Promise((done) => child.on('exit', done))).toBe(1);
        expect(out).toMatch(
          /StorageError .*a.hdf5.part: cannot write: expected .* with room for the file, got EFBIG; what is here stays/,
        );
        expect(statSync(join(folder, 'a.hdf5.part')).size).toBe(100 * 1024);
        await get(source);
        expect(server.asked.at(-1)?.headers.range).toBe(`bytes=${100 * 1024}-`);
        expect(readFileSync(join(folder, 'a.hdf5')).equals(bytes)).toBe(true);
      },
    );
  },
);
