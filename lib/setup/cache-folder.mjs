import { homedir, platform } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The folder in the user's cache that all checkouts of the kit share.
 *
 * `$XDG_CACHE_HOME/hybrid-ecg`, else `~/Library/Caches/hybrid-ecg` on macOS, else `~/.cache/hybrid-ecg`.
 */
export function cacheFolder(environment = process.env) {
  const set = environment.XDG_CACHE_HOME;
  if (set && isAbsolute(set)) return join(set, 'hybrid-ecg');
  return platform() === 'darwin' ? join(homedir(), 'Library/Caches/hybrid-ecg') : join(homedir(), '.cache/hybrid-ecg');
}
