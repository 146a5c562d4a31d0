import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { downloadFile } from '../../data-scripts/download/download-file';
import { openNetwork } from '../../data-scripts/download/network';
import { cutAt, FaultyServer } from './faulty-server';

const BYTES = Buffer.alloc(50_000, 'ecg');

/** A proxy that forwards http and tunnels https; what it was asked, and with which credentials. */
class LocalProxy {
  readonly forwarded: string[] = [];
  readonly tunnels: string[] = [];
  readonly credentials = new Set<string | undefined>();
  refusal: string | undefined;

  constructor(private readonly server: Server) {
    server.on('request', (asked, response) => {
      this.forwarded.push(asked.url!);
      this.credentials.add(asked.headers['proxy-authorization']);
      const { hostname, port, pathname } = new URL(asked.url!);
      const { 'proxy-authorization': _, ...headers } = asked.headers;
      const onward = request({ hostname, port, path: pathname, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
        answer.on('close', () => setTimeout(() => response.destroy(), 100)); // what was cut is cut here too
      });
      onward.on('error', () => response.destroy());
      onward.end();
    });
    server.on('connect', (asked, socket) => {
      this.tunnels.push(asked.url!);
      this.credentials.add(asked.headers['proxy-authorization']);
      if (this.refusal !== undefined) return socket.end(`HTTP/1.1 ${this.refusal}\r\n\r\n`);
      const [host, port] = asked.url!.split(':');
      const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      for (const end of [onward, socket]) end.on('error', () => end.destroy());
      onward.pipe(socket).pipe(onward);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

let server: FaultyServer;
let listening: Server;
let proxy: LocalProxy;

beforeEach(async () => {
  server = await FaultyServer.start();
  server.files.set('/file', { bytes: BYTES, etag: '"one"' });
  listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  proxy = new LocalProxy(listening);
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
});

afterEach(async () => {
  vi.unstubAllEnvs();
  listening.closeAllConnections();
  listening.close();
  await server.stop();
});

async function get(url = `${server.origin}/file`): Promise<Buffer> {
  const network = openNetwork();
  const path = join(mkdtempSync(join(tmpdir(), 'proxy-')), 'file');
  const patience = { triesAtFirst: 2, triesLater: 2, firstWaitMs: 2 };
  try {
    await downloadFile({ name: 'file', urls: [url] }, path, network, { patience });
    return readFileSync(path);
  } finally {
    await network.close();
  }
}

describe('a proxy of the environment', () => {
  it('forwards what goes over http, with its user and password, cut connections too', async () => {
    vi.stubEnv('HTTP_PROXY', `http://ann:s%23cret@127.0.0.1:${proxy.port}`);
    server.faults.push(cutAt(20_000));
    expect((await get()).equals(BYTES)).toBe(true);
    expect(proxy.forwarded).toEqual(Array(2).fill(`${server.origin}/file`));
    expect([...proxy.credentials]).toEqual([`Basic ${Buffer.from('ann:s#cret').toString('base64')}`]);
    expect(server.asked.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    expect(server.asked[1].headers['if-range']).toBe('"one"');
  });

  it('tunnels what goes over https', async () => {
    vi.stubEnv('https_proxy', `http://127.0.0.1:${proxy.port}`);
    const https = server.origin.replace('http:', 'https:');
    // the server speaks no TLS: what counts is that it was asked for by a tunnel
    await expect(get(`${https}/file`)).rejects.toMatchObject({ tag: 'DownloadError' });
    expect(proxy.tunnels).toEqual(Array(2).fill(server.origin.slice('http://'.length)));
  });

  it('that wants a password is an error at once, without the one that it got', async () => {
    proxy.refusal = '407 Proxy Authentication Required';
    vi.stubEnv('HTTPS_PROXY', `http://ann:s3cret@127.0.0.1:${proxy.port}`);
    const fault = await get('https://physionet.org/files/x').catch((error) => error);
    expect(fault.message).toMatch(
      /^https:\/\/physionet.org\/files\/x: proxy: expected a tunnel .* got 407: it wants a user/,
    );
    expect(proxy.tunnels).toEqual(['physionet.org:443']);
    expect(fault.message).not.toContain('s3cret');
  });

  it('that is no URL is an error that does not show it', () => {
    vi.stubEnv('HTTPS_PROXY', 'http//ann:s3cret@proxy');
    expect(openNetwork).toThrow(/^HTTPS_PROXY or HTTP_PROXY: expected such as http:\/\/host:3128, got no URL$/);
  });

  it('is left out for the hosts of NO_PROXY, and where none is named', async () => {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NO_PROXY', 'example.org,127.0.0.1');
    expect((await get()).equals(BYTES)).toBe(true);
    vi.stubEnv('HTTP_PROXY', undefined);
    vi.stubEnv('NO_PROXY', undefined);
    expect((await get()).equals(BYTES)).toBe(true);
    expect([proxy.forwarded, proxy.tunnels]).toEqual([[], []]);
  });
});
