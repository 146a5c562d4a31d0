import { ArgumentError } from 'hybrid-ecg';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { type Credentials, mayReceive } from './credentials';
import { AccessError, DownloadError } from './download-errors';
import { shownUrl } from './remote-file';
import { Interruption } from './retries';

export type { Response };

/** How to ask for a URL. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent only when the server asks for them. */
  readonly credentials?: Credentials;
  /** What a user must do who is refused: where to apply, what to set. */
  readonly howToApply?: string;
  readonly signal?: AbortSignal;
}

/** The way to publishers' servers. */
export interface Network {
  /**
   * Asks for a URL and follows redirects.
   *
   * @returns the response where its status is 200, 206 or 416; its body is still to be read
   * @throws AccessError on 401 and 403; DownloadError on 404, 410 and others that no second try mends
   * @throws Interruption on 408, 425, 429, 5xx and lost connections
   */
  open(url: string, options?: RequestOptions): Promise<Response>;
  close(): Promise<void>;
}

/** The file is not under this URL (404, 410); another one may have it. */
export class NotFoundError extends DownloadError {}

/**
 * Opens the way to publishers' servers, through a proxy where the environment names one: HTTPS_PROXY and HTTP_PROXY, not
 * for the hosts of NO_PROXY (lower case counts too).
 *
 * Node's own `fetch` knows no proxy before Node 24, hence undici's with its own agent, on all versions alike.
 */
export function openNetwork(): Network {
  const dispatcher = openDispatcher();
  const ask = async (url: string, { headers, signal }: RequestOptions, authorization?: string): Promise<Response> => {
    try {
      return await fetch(url, {
        dispatcher,
        signal,
        headers: {
          'user-agent': 'hybrid-ecg',
          'accept-encoding': 'identity', // ranges count the file's bytes
          ...headers,
          ...(authorization === undefined ? {} : { authorization }), // fetch drops it when another origin takes over
        },
      });
    } catch (fault) {
      signal?.throwIfAborted();
      throw connectionFault(url, fault);
    }
  };
  return {
    async open(url, options = {}) {
      const { credentials } = options;
      let response = await ask(url, options);
      if (isRefusal(response.status) && credentials !== undefined && mayReceive(credentials, url)) {
        await response.body?.cancel();
        response = await ask(url, options, credentials.authorization());
      }
      const fault = faultOf(url, response, options);
      if (fault === undefined) return response;
      await response.body?.cancel();
      throw fault;
    },
    close: () => dispatcher.destroy(),
  };
}

function openDispatcher(): EnvHttpProxyAgent {
  try {
    // A stall is the caller's to find: it knows whether bytes come.
    return new EnvHttpProxyAgent({ proxyTunnel: false, headersTimeout: 0, bodyTimeout: 0 });
  } catch {
    // without its cause, which holds what was set there: that may be a password
    throw new ArgumentError('HTTPS_PROXY or HTTP_PROXY', { expected: 'such as http://host:3128', actual: 'no URL' });
  }
}

function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function faultOf(url: string, response: Response, options: RequestOptions): Error | undefined {
  const { status, statusText, headers, redirected } = response;
  const where = { file: shownUrl(url) };
  const actual = `${status} ${statusText}`.trim();
  const toLogin = redirected && /\/login\b/.test(new URL(response.url).pathname);
  if (isRefusal(status) || toLogin) {
    const refused = toLogin ? 'a page to log in' : actual;
    const tried = options.credentials === undefined ? '' : ' with the credentials of the environment';
    const apply = options.howToApply === undefined ? '' : `. ${options.howToApply}`;
    return new AccessError('access', { expected: 'permission', actual: `${refused}${tried}${apply}`, where });
  }
  if (url.startsWith('https:') && response.url.startsWith('http:')) {
    const expected = 'an encrypted connection to the end';
    return new DownloadError('redirect', { expected, actual: shownUrl(response.url), where });
  }
  if (status === 200 || status === 206 || status === 416) return undefined;
  if (status === 404 || status === 410) return new NotFoundError('file', { expected: 'a file', actual, where });
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
    return new Interruption(`the server answers ${actual}`, { retryAfterMs });
  }
  return new DownloadError('answer of the server', { expected: '200 OK', actual, where });
}

/** Retry-After in ms: seconds, or a date. */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** What a failed `fetch` means; undici's messages carry no header, so no credentials. */
function connectionFault(url: string, fault: unknown): Error {
  const where = { file: shownUrl(url) };
  const cause = innermost(fault);
  const { code = '', message } = cause;
  const refusedByProxy = /Proxy response \((\d+)\)/.exec(message)?.[1];
  if (refusedByProxy !== undefined && Number(refusedByProxy) < 500) {
    const actual = refusedByProxy === '407' ? '407: it wants a user and a password in HTTPS_PROXY' : refusedByProxy;
    return new DownloadError('proxy', { expected: 'a tunnel to the server', actual, where });
  }
  if (CERTIFICATE.test(code)) {
    const actual = `${code}; where a proxy signs with its own, NODE_EXTRA_CA_CERTS names its certificate`;
    return new DownloadError('certificate', { expected: 'one that this machine trusts', actual, where, cause });
  }
  const hint = /^(ENOTFOUND|EAI_AGAIN)$/.test(code)
    ? 'no network here, or a proxy that HTTPS_PROXY must name'
    : undefined;
  return new Interruption(connectionWords(fault), { hint, cause });
}

/** What `fetch` wraps, sometimes twice. */
function innermost(fault: unknown): NodeJS.ErrnoException {
  let cause = fault as Error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

/** A lost or refused connection in words. */
export function connectionWords(fault: unknown): string {
  const { code, message } = innermost(fault);
  const words: Record<string, string> = {
    ENOTFOUND: 'the name of the server is not known',
    EAI_AGAIN: 'the name of the server cannot be looked up',
    ECONNREFUSED: `the server${proxySet() ? ' or the proxy' : ''} refuses the connection`,
    ECONNRESET: 'the connection was lost',
    UND_ERR_SOCKET: 'the connection was lost',
    UND_ERR_CONNECT_TIMEOUT: 'the server does not answer',
    ETIMEDOUT: 'the server does not answer',
    ENETUNREACH: 'the network is not reachable',
  };
  return words[code ?? ''] ?? (code === undefined ? message : `${message} (${code})`);
}

function proxySet(): boolean {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  return Boolean(HTTPS_PROXY || https_proxy || HTTP_PROXY || http_proxy);
}
