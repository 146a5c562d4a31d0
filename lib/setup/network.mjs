// What the set-up takes from the network: npm's registry and PyPI. Which one cannot be reached, why, and what to set.

import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './spawn.mjs';
import { say } from './steps.mjs';

/** Seconds without an answer after which a line says so; a network that is slow goes on being waited for. */
export const SILENCE_S = 15;
const PATIENCE_S = 45;

const NO_ANSWER =
  /\b(?:ECONN[A-Z]+|ENOTFOUND|EAI_[A-Z]+|E?TIMEDOUT|ERR_SOCKET_TIMEOUT|EHOSTUNREACH|ENETUNREACH|EPROTO|EIDLETIMEOUT|network timeout|ERR_TLS[A-Z_]+|[A-Z_]{0,40}CERT_[A-Z_]{1,40}|[A-Z_]{1,40}_CERT[A-Z_]{0,40}|UNABLE_TO_[A-Z_]+)\b/;
const PIP_NO_ANSWER =
  /Errno -?\d+\] [\w ]+|Connection to \S+ timed out|Read timed out|certificate verify failed[^)'"]*|Cannot connect to proxy|Tunnel connection failed: [\w ]+|Failed to resolve '[^']+'|dns error|Connection refused|operation timed out/;

/**
 * Asks npm's registry for an answer, any answer, through npm itself and so with its proxy, certificates and settings.
 *
 * @param npm the command that runs npm
 * @param root the checkout, for its .npmrc
 * @returns why it cannot be reached and what to set; undefined when it answers
 */
export async function whyNoRegistry(npm, root) {
  const ask = async (seconds) => {
    const options = ['--fetch-retries=0', `--fetch-timeout=${1000 * seconds}`];
    const { code, output } = await run([...npm, 'ping', ...options], { cwd: root, timeoutMs: 1000 * seconds });
    return code === 124 ? `no answer in ${seconds} s` : code === 0 ? undefined : npmFault(output);
  };
  const first = await ask(SILENCE_S);
  if (first === undefined) return undefined;
  const registry = (await run([...npm, 'config', 'get', 'registry'], { cwd: root })).output.trim();
  const name = `the npm registry ${withoutPassword(registry)}`;
  if (/no answer|time(?:d ?)?out/i.test(first))
    say(`\npackages: no answer yet from ${name} (${first}); ${NPM_TODO}. Waiting for ${PATIENCE_S} s more.`);
  else await sleep(2000); // a name server or a proxy may have been busy
  const second = await ask(PATIENCE_S);
  return second && `${name} cannot be reached (${second}); ${NPM_TODO}`;
}

const NPM_TODO =
  'where the network has a proxy set HTTPS_PROXY, where it has a mirror set npm_config_registry, and where it has ' +
  'certificates of its own set NODE_EXTRA_CA_CERTS';

/** The line in which npm says that it got no answer; undefined when it failed for another reason. */
function npmFault(output) {
  if (!NO_ANSWER.test(output)) return undefined;
  const reason = /reason: *(.*\S)/.exec(output)?.[1];
  const code = NO_ANSWER.exec(output)[0];
  return reason?.includes(code) ? reason : [code, reason].filter(Boolean).join(': ');
}

/** What to say of an `npm ci` that lost the network on the way; undefined when it failed for another reason. */
export function lostRegistry(output) {
  const fault = npmFault(output);
  return fault && `the npm registry stopped answering (${fault}); ${NPM_TODO}`;
}

/** The package index that pip asks, by its settings. */
export async function packageIndex(pip) {
  const { output } = await run([...pip, 'config', 'list'], { timeoutMs: 20_000 });
  const set = process.env.PIP_INDEX_URL ?? /^(?:download|install|global)\.index-url='(.*)'/m.exec(output)?.[1];
  return withoutPassword(set ?? 'https://pypi.org/simple');
}

/**
 * Why pip, or uv, got no answer.
 *
 * @param output what it printed
 * @param index as `packageIndex` gives it
 * @returns `{ reason, todo }`; undefined when it failed for another reason
 */
export function whyNoIndex(output, index) {
  const fault = PIP_NO_ANSWER.exec(output)?.[0].replace(/^Errno -?\d+\] /, '');
  return fault && { reason: `the Python package index ${index} cannot be reached (${fault})`, todo: PIP_TODO };
}

/** What to set where pip gets no answer. */
export const PIP_TODO =
  'where the network has a proxy set HTTPS_PROXY, where it has a mirror set PIP_INDEX_URL, and where it has ' +
  'certificates of its own set PIP_CERT';

function withoutPassword(url) {
  return url.replace(/\/\/[^/@]*@/, '//');
}
