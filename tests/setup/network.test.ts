import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ended, onlyPrograms, setUpProcess, startSetUp } from './set-up-process';
import { BUILD } from './small-wheel';

const scratch = mkdtempSync(join(tmpdir(), 'network-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A port that takes connections and never answers. */
async function blackHole(): Promise<string> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const REFUSES = 'http://127.0.0.1:9/'; // discard, which nothing serves
const NOT_RESOLVED = 'http://no-such-host.invalid/';

/** A checkout that wants one package, which only this test has. */
function checkout() {
  const root = mkdtempSync(join(scratch, 'checkout-'));
  const source = join(root, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'package.json'), JSON.stringify({ name: 'only-here', version: '1.0.0' }));
  const [{ filename, integrity }] = JSON.parse(
    execFileSync('npm', ['pack', '--json'], { cwd: source, encoding: 'utf8' }),
  );
  const manifest = { name: 'small', version: '1.0.0', dependencies: { 'only-here': '1.0.0' } };
  const entry = { version: '1.0.0', integrity, resolved: 'https://registry.npmjs.org/only-here/-/only-here-1.0.0.tgz' };
  const packages = { '': manifest, 'node_modules/only-here': entry };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ ...manifest, lockfileVersion: 3, requires: true, packages }),
  );
  return { root, tarball: readFileSync(join(source, filename)) };
}

const install = (root: string) => `await setup.preparePackages(${JSON.stringify(root)});`;
const settings = (registry: string, root: string) => ({
  npm_config_registry: registry,
  npm_config_cache: join(root, 'cache'),
  npm_execpath: '',
});

/** What a process says until it waits, which must be within 20 s; it is ended then. */
async function saidIn20s(child: ChildProcess): Promise<string> {
  const start = performance.now();
  let stderr = '';
  child.stderr!.on('data', (data) => {
    stderr += data;
    if (stderr.includes('Waiting for')) child.kill('SIGTERM');
  });
  await ended(child);
  expect(performance.now() - start).toBeLessThan(20_000);
  return stderr;
}

describe('the packages', () => {
  it.each([
    ['refuses', REFUSES, /ECONNREFUSED/],
    ['has a name that does not resolve', NOT_RESOLVED, /(?:ENOTFOUND|EAI_AGAIN)/],
  ])('say at once which registry %s, and what to set', async (_, registry, fault) => {
    const { root } = checkout();
    const start = performance.now();
    const { code, stderr } = await setUpProcess(['packages'], install(root), settings(registry, root));
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`packages: the npm registry ${registry} cannot be reached \\(.*${fault.source}`));
    expect(stderr).toMatch(/HTTPS_PROXY.*npm_config_registry.*NODE_EXTRA_CA_CERTS/);
  });

  it('name a proxy that refuses', async () => {
    const { root } = checkout();
    const proxy = { HTTPS_PROXY: REFUSES, HTTP_PROXY: REFUSES, NO_PROXY: '', no_proxy: '' };
    const env = { ...settings('https://registry.npmjs.org/', root), ...proxy };
    const { code, stderr } = await setUpProcess(['packages'], install(root), env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/registry https:\/\/registry\.npmjs\.org\/ cannot be reached \(.*127\.0\.0\.1:9/);
  });

  it('say in 20 s that the registry is silent', { timeout: 40_000 }, async () => {
    const { root } = checkout();
    const registry = await blackHole();
    const stderr = await saidIn20s(startSetUp(['packages'], install(root), settings(registry, root)));
    expect(stderr).toContain(`packages: no answer yet from the npm registry ${registry} (`);
  });

  it('come from a slow registry, and from npm’s cache where there is none', { timeout: 120_000 }, async () => {
    const { root, tarball } = checkout();
    let requests = 0;
    const server = createServer((request, response) => {
      const answer = () => response.end(request.url?.endsWith('.tgz') ? tarball : '{}');
      setTimeout(answer, requests++ < 1 ? 17_000 : 500); // a ping waits for 15 s at first
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const slow = await setUpProcess(['packages'], install(root), settings(registry, root));
    expect(slow).toMatchObject({ code: 0, stderr: expect.stringContaining('no answer yet') });
    expect(readFileSync(join(root, 'node_modules/only-here/package.json'), 'utf8')).toContain('only-here');
    rmSync(join(root, 'node_modules'), { recursive: true });
    const offline = await setUpProcess(['packages'], install(root), settings(REFUSES, root));
    expect(offline.code, offline.stderr).toBe(0);
    expect(readFileSync(join(root, 'node_modules/only-here/package.json'), 'utf8')).toContain('only-here');
  });
});

const python3 = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim();
const noPip =
  python3 && spawnSync(python3, ['-m', 'pip', '--version']).status === 0 ? '' : ' (skipped: no python3 with pip)';

describe.skipIf(noPip !== '')(`the engine${noPip}`, () => {
  const prepare = (folder: string) =>
    `await setup.prepareLibraries(${JSON.stringify(join(folder, 'tensorflow'))}, ${JSON.stringify(BUILD)});`;
  const pip = (folder: string, index: string) => ({
    PATH: onlyPrograms(join(folder, 'bin'), { python3: `exec '${python3}' "$@"` }),
    PIP_INDEX_URL: `${index}simple`,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_FIND_LINKS: '',
    PIP_DEFAULT_TIMEOUT: '180',
    PIP_TRUSTED_HOST: 'no-such-host.invalid',
  });

  it.each([
    ['refuses', REFUSES, /Connection refused/],
    ['has a name that does not resolve', NOT_RESOLVED, /name resolution|not known|resolve/],
  ])('says which index %s, and what to set', async (name, index, fault) => {
    const folder = mkdtempSync(join(scratch, name.slice(0, 5)));
    const { code, stderr } = await setUpProcess(['libraries'], prepare(folder), pip(folder, index));
    expect(code).toBe(1);
    const reason = new RegExp(`the Python package index ${index}simple cannot be reached \\(.*(?:${fault.source})`);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/HTTPS_PROXY.*PIP_INDEX_URL.*PIP_CERT.*npm run doctor/);
  });

  it('says in 20 s that the index is silent', { timeout: 40_000 }, async () => {
    const folder = mkdtempSync(join(scratch, 'silent-'));
    const index = await blackHole();
    const stderr = await saidIn20s(startSetUp(['libraries'], prepare(folder), pip(folder, index)));
    expect(stderr).toContain(`engine: nothing has come from ${index}simple in 15 s`);
  });
});

it('an index’s password is not shown', async () => {
  const { packageIndex } = await import(resolve(__dirname, '../../lib/setup/network.mjs'));
  process.env.PIP_INDEX_URL = 'https://user:secret@mirror.example/simple';
  expect(await packageIndex(['true'])).toBe('https://mirror.example/simple');
  delete process.env.PIP_INDEX_URL;
});
