import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from 'hybrid-ecg';
import { DownloadError } from './download-errors';
import { shownUrl } from './remote-file';

/** Something that may go better the next time: a lost connection, a stall, a server that asks to wait. */
export class Interruption extends Error {
  constructor(
    reason: string,
    readonly details: { readonly retryAfterMs?: number; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause: details.cause });
    this.name = 'Interruption';
  }
}

/** How long to be patient. */
export interface Patience {
  /** Tries in a row that bring nothing, before any has; default 5, about 15 s. */
  readonly triesAtFirst?: number;
  /** Tries in a row that bring nothing, once something came; default 30, about 25 min. */
  readonly triesLater?: number;
  /** The first wait, ms, which doubles; default 1000. */
  readonly firstWaitMs?: number;
  /** The longest wait, ms; default 60,000. A server may ask for more, up to 15 min. */
  readonly longestWaitMs?: number;
}

const LONGEST_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Tries until a try ends: exponential back-off, each wait between half of it and all of it at random, so that many
 * downloads that a server dropped do not come back at once.
 *
 * @param attempt a try; throws an Interruption when another one may help
 * @param options.url for messages
 * @param options.progressed whether the last try brought something: the count starts again
 * @param options.onWait called before each wait with the reason
 * @throws DownloadError when patience ends; what `attempt` throws else; the signal's reason when it was aborted
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  options: {
    readonly url: string;
    readonly progressed?: () => boolean;
    readonly patience?: Patience;
    readonly signal?: AbortSignal;
    readonly onWait?: (reason: string, waitMs: number) => void;
  },
): Promise<T> {
  const { url, progressed, signal, onWait } = options;
  const { triesAtFirst = 5, triesLater = 30, firstWaitMs = 1000, longestWaitMs = 60_000 } = options.patience ?? {};
  const { uniform } = randomStream(process.pid, 'back-off', url);
  let allowed = triesAtFirst;
  let inVain = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (fault) {
      signal?.throwIfAborted();
      if (!(fault instanceof Interruption)) throw fault;
      if (progressed?.()) {
        allowed = triesLater;
        inVain = 0;
      }
      inVain++;
      const { retryAfterMs = 0 } = fault.details;
      if (inVain >= allowed || retryAfterMs > LONGEST_RETRY_AFTER_MS) throw givenUp(url, inVain, fault);
      const backOff = Math.min(longestWaitMs, firstWaitMs * 2 ** (inVain - 1));
      const waitMs = Math.max(retryAfterMs, backOff * (0.5 + 0.5 * uniform()));
      onWait?.(fault.message, waitMs);
      await sleep(waitMs, undefined, { signal });
    }
  }
}

function givenUp(url: string, tries: number, fault: Interruption): DownloadError {
  const after = fault.details.retryAfterMs ?? 0;
  const asked =
    after > LONGEST_RETRY_AFTER_MS ? `; the server asks to come back in ${Math.round(after / 60_000)} min` : '';
  const hint = fault.details.hint === undefined ? '' : ` (${fault.details.hint})`;
  const tried = tries === 1 ? 'one try' : `${tries} tries in a row`;
  return new DownloadError('download', {
    expected: 'the file',
    actual: `${fault.message}${hint}, after ${tried}${asked}. What is here stays: run the same command again to go on`,
    where: { file: shownUrl(url) },
    cause: fault,
  });
}
