import { Interruption } from './retries';

/** Aborts what brings no bytes for a while. */
export interface StallWatch {
  /** Aborted on a stall, and with the caller's own signal. */
  readonly signal: AbortSignal;
  /** Something came. */
  beat(): void;
  stop(): void;
}

/**
 * Watches one request.
 *
 * @param stallMs longest silence, ms
 */
export function watchForStall(stallMs: number, outer?: AbortSignal): StallWatch {
  const stall = new AbortController();
  const abort = () => stall.abort(new Interruption(`no bytes came for ${Math.round(stallMs / 1000)} s`));
  let timer = setTimeout(abort, stallMs);
  return {
    signal: outer === undefined ? stall.signal : AbortSignal.any([stall.signal, outer]),
    beat() {
      clearTimeout(timer);
      timer = setTimeout(abort, stallMs);
    },
    stop: () => clearTimeout(timer),
  };
}
