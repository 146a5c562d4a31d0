// The file of the kit's own kernels, named alike by the set-up, which compiles it, and by the engine, which loads it.

const { createHash } = require('node:crypto');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { join } = require('node:path');

const SOURCES = join(__dirname, 'native');

/**
 * `kernels-<hash>.node`, with a hash of the sources and of the processor's features.
 *
 * Kernels of other sources may expect other inputs. Those of another processor may end the process, and a cluster's
 * machines share a checkout.
 */
exports.kernelsName = () => {
  const hash = createHash('sha256').update(exports.processor());
  for (const name of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, name)));
  return `kernels-${hash.digest('hex').slice(0, 16)}.node`;
};

/** What the processor can do, as Linux lists it; elsewhere its name. */
exports.processor = () => {
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /^(?:flags|Features)\s*:.*$/m.exec(info)?.[0] ?? cpus()[0].model;
};
