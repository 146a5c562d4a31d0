import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does with one request in place of the right thing. */
export type Fault = (request: IncomingMessage, response: ServerResponse, file: ServedFile) => unknown;

/** A file of the server; tests change it while it is being fetched. */
export interface ServedFile {
  bytes: Buffer;
  etag?: string;
  lastModified?: string;
  type?: string;
  /** Whether it knows Range. */
  ranges?: boolean;
  /** Answers in place of `serve`. */
  answer?: Fault;
}

/** What was asked. */
export interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP server that behaves as RFC 9110 says, but for the faults that are laid up for its next requests. */
export class FaultyServer {
  readonly files = new Map<string, ServedFile>();
  /** The first is for the next request, whatever it asks for; undefined behaves. */
  readonly faults: (Fault | undefined)[] = [];
  readonly asked: Asked[] = [];
  /** Requests that are under way at once, at most. */
  atOnce = 0;
  private under = 0;

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<FaultyServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const self = new FaultyServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => self.answer(request, response));
    return self;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = (request.url ?? '').replace(/\?.*$/, '');
    this.asked.push({ url: request.url ?? '', headers: request.headers });
    this.atOnce = Math.max(this.atOnce, ++this.under);
    response.on('close', () => this.under--);
    const file = this.files.get(url);
    const fault = this.faults.shift();
    if (fault !== undefined) fault(request, response, file ?? { bytes: Buffer.alloc(0) });
    else if (file !== undefined) (file.answer ?? serve)(request, response, file);
    else response.writeHead(404).end('no such file');
  }
}

/** What a server should answer: Range and If-Range as in RFC 9110. */
export function rightAnswer(request: IncomingMessage, file: ServedFile) {
  const { bytes, etag, lastModified, type = 'application/octet-stream', ranges = true } = file;
  const headers = {
    'content-type': type,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
  };
  const { range, 'if-range': ifRange } = request.headers;
  const fresh = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN);
  if (!ranges || Number.isNaN(start) || !fresh) {
    return { code: 200, headers: { ...headers, 'content-length': bytes.length }, start: 0, body: bytes };
  }
  if (start >= bytes.length) {
    return {
      code: 416,
      headers: { ...headers, 'content-range': `bytes */${bytes.length}` },
      start,
      body: Buffer.alloc(0),
    };
  }
  const body = bytes.subarray(start);
  const contentRange = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return {
    code: 206,
    headers: { ...headers, 'content-range': contentRange, 'content-length': body.length },
    start,
    body,
  };
}

/** Answers as a server should. */
export function serve(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  const { code, headers, body } = rightAnswer(request, file);
  response.writeHead(code, headers).end(body);
}

/** Sends what is asked for up to a byte of the file, then cuts the connection. */
export function cutAt(position: number): Fault {
  return (request, response, file) => {
    stallAt(position)(request, response, file);
    setTimeout(() => response.destroy(), 30);
  };
}

/** Sends what is asked for up to a byte of the file, then nothing more. */
export function stallAt(position: number): Fault {
  return (request, response, file) => {
    const { code, headers, start, body } = rightAnswer(request, file);
    response.writeHead(code, headers).write(body.subarray(0, position - start));
  };
}

/** Answers a status. */
export function status(code: number, headers: Record<string, string> = {}): Fault {
  return (_request, response) => response.writeHead(code, headers).end('an answer');
}
