import { byteCount } from '../progress-line';
import { DownloadError } from './download-errors';
import { connectionWords, type Network, type RequestOptions } from './network';
import { shownUrl } from './remote-file';
import { Interruption, type Patience, withRetries } from './retries';
import { watchForStall } from './stall-watch';

/** Longest answer that is taken into memory. */
const LIMIT = 16 * 2 ** 20;

/**
 * Gets a short text, such as a publisher's list of files.
 *
 * @throws DownloadError when it cannot be had, or is longer than 16 MB
 */
export async function fetchText(
  url: string,
  network: Network,
  options: RequestOptions & {
    readonly patience?: Patience;
    readonly stallMs?: number;
    readonly onWait?: (reason: string, waitMs: number) => void;
  } = {},
): Promise<string> {
  const attempt = async () => {
    const stall = watchForStall(options.stallMs ?? 60_000, options.signal);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      const response = await network.open(url, { ...options, signal: stall.signal });
      for await (const chunk of response.body ?? []) {
        stall.beat();
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > LIMIT) {
          const expected = `at most ${byteCount(LIMIT)}`;
          throw new DownloadError('list of files', { expected, actual: 'more', where: { file: shownUrl(url) } });
        }
      }
      return Buffer.concat(chunks).toString('utf8');
    } catch (fault) {
      options.signal?.throwIfAborted();
      if (fault instanceof Interruption || (fault as { tag?: string }).tag !== undefined) throw fault;
      throw new Interruption(connectionWords(fault), { cause: fault });
    } finally {
      stall.stop();
    }
  };
  return withRetries(attempt, { ...options, url });
}
