import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsFromEnvironment, mayReceive } from '../../data-scripts/download/credentials';
import { type DownloadOptions, downloadDataset } from '../../data-scripts/download/download-dataset';
import { type Network, openNetwork } from '../../data-scripts/download/network';
import { physioNetProject } from '../../data-scripts/sources/physionet';
import { cutAt, type Fault, FaultyServer, serve, status } from './faulty-server';

const PASSWORD = 'correct horse: battery';
const SECRETS = [PASSWORD, Buffer.from(`ann:${PASSWORD}`).toString('base64')];
const ENVIRONMENT = { PHYSIONET_USERNAME: 'ann', PHYSIONET_PASSWORD: PASSWORD };

let server: FaultyServer;
let other: FaultyServer;
let network: Network;
let folder: string;

beforeEach(async () => {
  [server, other] = [await FaultyServer.start(), await FaultyServer.start()];
  network = openNetwork();
  folder = join(mkdtempSync(join(tmpdir(), 'credentials-')), 'set');
  const answer: Fault = (request, response, file) => {
    const { authorization = '' } = request.headers;
    const user = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
    if (user === `ann:${PASSWORD}`) return serve(request, response, file);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="PhysioNet"' }).end();
  };
  server.files.set('/files/set/1.0/SHA256SUMS.txt', { bytes: Buffer.from('x'), type: 'text/plain', answer });
  server.files.set('/static/published-projects/set/set.zip', { bytes: Buffer.alloc(50_000), etag: '"1"', answer });
});

afterEach(async () => {
  await network.close();
  await Promise.all([server.stop(), other.stop()]);
});

/** Downloads; all that it says, and its fault. */
async function get(options: DownloadOptions = {}) {
  const { origin } = server;
  const project = {
    dataset: 'set',
    licence: '',
    slug: 'set',
    version: '1.0',
    zip: 'set.zip',
    zipBytes: 50_000,
    origin,
  };
  const said: unknown[] = [];
  let fault: (Error & { tag?: string }) | undefined;
  await downloadDataset(physioNetProject(project), folder, network, {
    environment: ENVIRONMENT,
    patience: { triesAtFirst: 2, triesLater: 2, firstWaitMs: 2 },
    onEvent: (line) => said.push(line),
    onProgress: (progress) => said.push(progress),
    ...options,
  }).catch((error) => {
    fault = error;
  });
  const written = readdirSync(folder)
    .filter((name) => /json/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const all = [inspect([said, fault], { depth: 20, showHidden: true }), JSON.stringify([said, fault]), ...written].join(
    '\n',
  );
  return { fault, all };
}

function expectNoSecrets(text: string): void {
  expect(text.length).toBeGreaterThan(100);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

describe('credentials of the environment', () => {
  it('are sent when the publisher asks, and show in nothing that is said, thrown or written', async () => {
    server.faults.push(undefined, undefined, undefined, cutAt(10_000)); // asked, asked, list, zip
    const { fault, all } = await get({ atATime: 1 });
    expect(fault).toBeUndefined();
    expect(server.asked.filter(({ headers }) => headers.authorization !== undefined).length).toBeGreaterThan(1);
    expect(server.asked[0].headers.authorization).toBeUndefined();
    expectNoSecrets(all);
  });

  it('that the publisher refuses are an error that says where to apply', async () => {
    const { fault, all } = await get({ environment: { ...ENVIRONMENT, PHYSIONET_USERNAME: 'bob' } });
    expect(fault?.tag).toBe('AccessError');
    expect(fault?.message).toMatch(
      /access: expected permission, got 401 Unauthorized with the credentials of the environment. Apply at http.*\/content\/set\/1.0\/, then set PHYSIONET_USERNAME and PHYSIONET_PASSWORD/,
    );
    expectNoSecrets(all);
    expect(server.asked.length).toBeLessThanOrEqual(4); // no third try
  });

  it('that are not set are asked for, and half set are an error', async () => {
    const { fault } = await get({ environment: {} });
    expect(fault?.message).toMatch(/got 401 Unauthorized. Apply at/);
    expect(server.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    const source = { origin: server.origin, user: 'PHYSIONET_USERNAME', password: 'PHYSIONET_PASSWORD' };
    expect(() => credentialsFromEnvironment(source, { PHYSIONET_PASSWORD: PASSWORD })).toThrow(
      'credentials: expected PHYSIONET_USERNAME and PHYSIONET_PASSWORD, got PHYSIONET_PASSWORD without PHYSIONET_USERNAME',
    );
    expect(credentialsFromEnvironment(source, { PHYSIONET_USERNAME: '' })).toBeUndefined();
    const credentials = credentialsFromEnvironment(source, ENVIRONMENT);
    expectNoSecrets(
      inspect(credentials, { showHidden: true }) + JSON.stringify(credentials) + String(credentials).padEnd(100),
    );
  });

  it('go to no other server, nor unencrypted over a network', async () => {
    other.files.set('/set.zip', { bytes: Buffer.alloc(50_000) });
    const moved: Fault = (request, response, file) => {
      if (request.headers.authorization === undefined) return response.writeHead(403).end();
      if (!request.url?.endsWith('.zip')) return serve(request, response, file);
      response.writeHead(302, { location: `${other.origin}/set.zip?signature=s1gned` }).end();
    };
    for (const file of server.files.values()) file.answer = moved;
    const { fault, all } = await get();
    expect(fault).toBeUndefined();
    expect(other.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(all).not.toContain('s1gned');

    const at = (origin: string) => ({ origin, authorization: () => '' });
    expect(mayReceive(at('https://physionet.org'), 'https://physionet.org/files/x')).toBe(true);
    expect(mayReceive(at('https://physionet.org'), 'https://physionet.org.evil.example/files/x')).toBe(false);
    expect(mayReceive(at('https://physionet.org'), 'https://physionet.org:444/')).toBe(false);
    expect(mayReceive(at('http://physionet.org'), 'http://physionet.org/')).toBe(false);
  });

  it('are asked for by a page to log in', async () => {
    server.faults.push(status(302, { location: '/login/?next=/files' }));
    server.files.set('/login/', { bytes: Buffer.from('<form>'), type: 'text/html' });
    const { fault } = await get({ environment: {}, atATime: 1 });
    expect(fault?.message).toMatch(/got a page to log in. Apply at/);
  });
});
