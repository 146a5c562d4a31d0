import { connect, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, expect, it, vi } from 'vitest';

vi.stubEnv('NODEPLOTLIB_PORT', '0'); // any port, and no browser

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Whether something answers at an address. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5000 });
    const end = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });
}

it('answers this machine alone: no address of the network reaches the ECGs', async () => {
  const { Server: NetServer } = await import('node:net');
  const listened = vi.spyOn(NetServer.prototype, 'listen');
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true); // NestJS' log
  const { interactivePlot } = await import('../../lib/report/interactive-plot');
  await interactivePlot([{ name: 'II', x: [0, 1], y: [0, 1] }], { title: 'ECG' });
  await interactivePlot([{ name: 'V1', x: [0, 1], y: [1, 0] }]); // into the server that runs
  await vi.waitFor(() => expect((listened.mock.contexts[0] as Server).address()).not.toBeNull(), 20_000);
  vi.restoreAllMocks();
  expect(listened.mock.contexts).toHaveLength(1);
  const server = listened.mock.contexts[0] as Server;
  servers.push(server);
  const { address, port } = server.address() as { address: string; port: number };
  expect(address).toBe('127.0.0.1');
  expect(await answers('127.0.0.1', port)).toBe(true);
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const other of others.filter(({ internal }) => !internal)) {
    const host = other.scopeid ? `${other.address}%${other.scopeid}` : other.address;
    expect(await answers(host, port), host).toBe(false);
  }
}, 60_000);
