import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DownloadFileOptions, downloadFile } from '../../data-scripts/download/download-file';
import { type Network, openNetwork } from '../../data-scripts/download/network';
import type { RemoteFile } from '../../data-scripts/download/remote-file';
import { randomStream } from '../../lib/random';
import { cutAt, FaultyServer, stallAt, status } from './faulty-server';

const { integer } = randomStream(1, 'downloaded bytes');
const BYTES = Buffer.from(Array.from({ length: 300_000 }, () => integer(256)));
const OTHER = Buffer.from(BYTES).reverse();
const SHA256 = sha256(BYTES);

let server: FaultyServer;
let network: Network;
let path: string;
let waits: string[];

beforeEach(async () => {
  server = await FaultyServer.start();
  server.files.set('/file', { bytes: BYTES, etag: '"one"' });
  network = openNetwork();
  path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
  waits = [];
});

afterEach(async () => {
  await network.close();
  await server.stop();
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function get(file: Partial<RemoteFile> = {}, options: DownloadFileOptions = {}): Promise<void> {
  const patience = { triesAtFirst: 3, triesLater: 3, firstWaitMs: 4, longestWaitMs: 8 };
  const remote: RemoteFile = { name: 'file', urls: [`${server.origin}/file`], ...file };
  return downloadFile(remote, path, network, { patience, onWait: (reason) => waits.push(reason), ...options });
}

/** The bytes are the right ones, and nothing else is left. */
function expectWhole(bytes = BYTES): void {
  expect(sha256(readFileSync(path))).toBe(sha256(bytes));
  expect(readdirSync(join(path, '..'))).toEqual(['file']);
}

/** Where each request began: undefined without Range. What a cut connection had in its pipe may be lost. */
const starts = () =>
  server.asked.map(({ headers }) => headers.range && Number(/^bytes=(\d+)-$/.exec(headers.range)?.[1]));
const upTo = (position: number) => expect.toSatisfy((start) => start > 0 && start <= position, `at most ${position}`);

describe('a file that is downloaded', () => {
  it('comes whole under its name, asked for as it is stored', async () => {
    const sizes: number[] = [];
    await get(
      { bytes: BYTES.length, checksum: { algorithm: 'sha256', value: SHA256 } },
      { onSize: (n) => sizes.push(n) },
    );
    expectWhole();
    expect(sizes[0]).toBe(0);
    expect(sizes.at(-1)).toBe(BYTES.length);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0].headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'hybrid-ecg' });
    expect(server.asked[0].headers.range).toBeUndefined();
  });

  it('goes on where connections were cut, by Range and If-Range', async () => {
    server.faults.push(cutAt(100_000), cutAt(250_000));
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000), upTo(250_000)]);
    expect(server.asked[1].headers['if-range']).toBe('"one"');
    expect(waits).toEqual(Array(2).fill(expect.stringMatching(/^the connection was lost at [\d.]+ kB$/)));
  });

  it('goes on after a stall', async () => {
    server.faults.push(stallAt(120_000));
    await get({}, { stallMs: 150 });
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(120_000)]);
    expect(waits[0]).toMatch(/no bytes came for/);
  });

  it('is not thought stalled while bytes come slowly', async () => {
    server.faults.push((_request, response, { bytes }) => {
      response.writeHead(200, { 'content-length': bytes.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(sent, sent + 50_000));
        sent += 50_000;
        if (sent < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 60);
    });
    await get({}, { stallMs: 200 }); // 360 ms in all
    expectWhole();
    expect(waits).toEqual([]);
  });

  it('goes on in a later call, with the date where there is no ETag, or only a weak one', async () => {
    const lastModified = 'Wed, 09 Nov 2022 12:00:00 GMT';
    server.files.set('/file', { bytes: BYTES, lastModified, etag: 'W/"weak"' });
    server.faults.push(cutAt(70_000), status(503), status(503), status(503));
    await expect(get()).rejects.toThrow(/503.*What is here stays: run the same command again/s);
    expect(readdirSync(join(path, '..'))).toEqual(['file.part', 'file.part.json']);
    await get();
    expectWhole();
    expect(server.asked.at(-1)?.headers).toMatchObject({ 'if-range': lastModified });
  });

  it('comes whole again where the file has changed midway', async () => {
    server.faults.push((request, response, file) => {
      cutAt(100_000)(request, response, file);
      server.files.set('/file', { bytes: OTHER, etag: '"two"' });
    });
    await get();
    expectWhole(OTHER);
    expect(server.asked).toHaveLength(2);
  });

  it('comes whole again from a server that ignores Range', async () => {
    server.files.set('/file', { bytes: BYTES, etag: '"one"', ranges: false });
    server.faults.push(cutAt(100_000));
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000)]);
  });

  it('comes whole again where a server goes on with other bytes than were asked for', async () => {
    const wrong = (contentRange: string, etag = '"one"') => [
      cutAt(100_000),
      (_request: unknown, response: ServerResponse) =>
        response.writeHead(206, { etag, 'content-range': contentRange }).end(BYTES.subarray(0, 1000)),
    ];
    server.faults.push(...wrong('bytes 0-299999/300000'));
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000), undefined]);
    for (const faults of [
      wrong('bytes 100000-299998/299999'),
      wrong('bytes 100000-299999/300000', '"two"'),
      wrong('x'),
    ]) {
      path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
      server.faults.push(...faults);
      await get();
      expectWhole();
    }
  });

  it('starts again where the part is longer than the file has become', async () => {
    server.faults.push((request, response, file) => {
      cutAt(200_000)(request, response, file);
      server.files.set('/file', { bytes: BYTES.subarray(0, 1000) }); // no ETag to tell it by
    });
    await get();
    expectWhole(BYTES.subarray(0, 1000));
  });

  it('without ETag and date goes on only where a checksum can tell', async () => {
    server.files.set('/file', { bytes: BYTES });
    server.faults.push(cutAt(100_000));
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, undefined]);
    server.asked.length = 0;
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    server.faults.push(cutAt(100_000));
    await get({ checksum: { algorithm: 'sha256', value: SHA256 } });
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000)]);
  });

  it('that does not hash to the publisher’s checksum is fetched once more, then refused', async () => {
    const checksum = { algorithm: 'md5', value: createHash('md5').update(BYTES).digest('hex') } as const;
    server.faults.push((_request, response) => response.end(OTHER));
    await get({ checksum });
    expectWhole();
    expect(waits).toEqual(['the bytes are not those of the publisher’s list']);
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    server.files.set('/file', { bytes: OTHER });
    const fault = await get({ checksum }).catch((error) => error);
    expect(fault).toMatchObject({ tag: 'ChecksumError', where: { file: `${server.origin}/file` } });
    expect(fault.message).toMatch(/MD5: expected [0-9a-f]{32}, as the publisher lists, got [0-9a-f]{32}/);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('is not believed to be longer or shorter than it is', async () => {
    const longer = (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-length': BYTES.length + 10, etag: '"one"' });
      response.write(BYTES, () => setTimeout(() => response.destroy(), 20));
    };
    server.faults.push(longer); // its word is all there is: the rest is asked for and is not there
    await get();
    expectWhole();
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    server.faults.push(longer, longer, longer); // the publisher's list knows better, before a byte is taken
    await expect(get({ bytes: BYTES.length })).rejects.toThrow(
      /offers 300,010 bytes where the publisher lists 300,000/,
    );
    server.faults.push((_request, response) => response.end(BYTES.subarray(0, 5000)));
    await get({ bytes: BYTES.length });
    expectWhole();
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    const endless = (_request: unknown, response: ServerResponse) => {
      const timer = setInterval(() => response.write(BYTES), 2); // chunked: no length
      response.on('close', () => clearInterval(timer));
    };
    server.faults.push(...Array(20).fill(endless));
    await expect(get({ bytes: BYTES.length })).rejects.toThrow(/more bytes came than the 300 kB/);
    expect(statSync(`${path}.part`).size).toBeLessThanOrEqual(BYTES.length);
  });

  it('is not begun where there is no room for it', async () => {
    server.faults.push((_request, response) =>
      response.writeHead(200, { 'content-length': '9000000000000000' }).write('x'),
    );
    const fault = await get().catch((error) => error);
    expect(fault).toMatchObject({ tag: 'StorageError' });
    expect(fault.message).toMatch(/free space: expected 9\.0 PB, got/);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('waits as long as a server asks, and no longer', async () => {
    server.faults.push(status(429, { 'retry-after': '1' }), status(503, { 'retry-after': new Date(0).toUTCString() }));
    const start = performance.now();
    await get();
    expectWhole();
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(waits).toEqual(['the server answers 429 Too Many Requests', 'the server answers 503 Service Unavailable']);
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    server.faults.push(status(503, { 'retry-after': '86400' }));
    await expect(get()).rejects.toThrow(/after one try; the server asks to come back in 1440 min/);
  });

  it('that is not there is looked for at its other URL, and is then an error at once', async () => {
    const urls = [`${server.origin}/moved`, `${server.origin}/file`];
    await get({ urls });
    expectWhole();
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    server.asked.length = 0;
    const fault = await get({ urls: [urls[0]] }).catch((error) => error);
    expect(fault).toMatchObject({ tag: 'DownloadError' });
    expect(fault.message).toBe(`${urls[0]}: file: expected a file, got 404 Not Found`);
    expect(server.asked).toHaveLength(1);
    server.faults.push(status(400));
    await expect(get()).rejects.toThrow(/answer of the server: expected 200 OK, got 400 Bad Request/);
  });

  it('follows redirects, also when it goes on', async () => {
    server.files.set('/behind', { bytes: BYTES, etag: '"one"' });
    const moved = status(302, { location: '/behind' });
    server.faults.push(moved, cutAt(100_000), moved);
    await get();
    expectWhole();
    expect(server.asked.map(({ url }, i) => [url, starts()[i]])).toEqual([
      ['/file', undefined],
      ['/behind', undefined],
      ['/file', upTo(100_000)],
      ['/behind', upTo(100_000)],
    ]);
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    const circle = status(302, { location: '/file' });
    server.faults.push(...Array.from({ length: 100 }, () => circle));
    await expect(get()).rejects.toThrow(/redirect/);
  });

  it('is not replaced by a web page in its place', async () => {
    server.faults.push(cutAt(100_000), (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end('<h1>Please log in to this network</h1>'),
    );
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000), upTo(100_000)]);
    expect(waits[1]).toBe('the server answers a web page instead of the file');
  });

  it('stops when it is told to, and keeps what is there', async () => {
    const stop = new AbortController();
    server.faults.push(stallAt(100_000));
    const stopped = get({}, { signal: stop.signal, onSize: (size) => size > 0 && stop.abort() });
    await expect(stopped).rejects.toThrow(/aborted/);
    await get();
    expectWhole();
    expect(starts()).toEqual([undefined, upTo(100_000)]);
    server.faults.push(status(503));
    const early = new AbortController();
    path = join(mkdtempSync(join(tmpdir(), 'download-')), 'file');
    const waiting = get({}, { signal: early.signal, patience: { firstWaitMs: 60_000 }, onWait: () => early.abort() });
    await expect(waiting).rejects.toThrow(/aborted/);
  });

  it('gives up on a server that never brings anything, in words', async () => {
    const port = server.origin.slice(server.origin.lastIndexOf(':'));
    await server.stop();
    const refused = await get().catch((error) => error);
    expect(refused.message).toBe(
      `http://127.0.0.1${port}/file: download: expected the file, got the server refuses the connection, after 3 tries in a row. What is here stays: run the same command again to go on`,
    );
    server = await FaultyServer.start();
    await expect(get({ urls: ['http://no-such-host.invalid/file'] })).rejects.toThrow(
      /is not known|cannot be looked up.*HTTPS_PROXY/s,
    );
  });

  it('starts again from a part whose note is damaged', async () => {
    writeFileSync(`${path}.part`, OTHER.subarray(0, 5000));
    for (const note of ['', 'null', '{"url": 3}', '[]']) {
      writeFileSync(`${path}.part.json`, note);
      await get();
      expectWhole();
    }
  });
});
