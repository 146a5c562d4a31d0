import { createHash } from 'node:crypto';
import { zipFile } from './zip-file';

/** The parts of TensorFlow's wheel that the set-up takes, a few kB in place of 854 MB. */
export const LIBRARIES = {
  'libtensorflow_cc.so.2': Buffer.from('cc'.repeat(5_000)),
  'libtensorflow_framework.so.2': Buffer.from('framework'.repeat(1_000)),
  'include/tensorflow/c/c_api.h': Buffer.from('// C API'),
};
const entries = Object.entries(LIBRARIES).map(([name, bytes]) => [`tensorflow/${name}`, bytes] as const);
/** A wheel with these parts and one that is left out. */
export const WHEEL = zipFile(Object.fromEntries([...entries, ['tensorflow/python/left-out.py', Buffer.from('pass')]]));
/** Its row in the table of wheels. */
export const ROW = {
  name: 'tensorflow-cpu',
  version: '2.21.0',
  platform: 'any',
  bytes: WHEEL.length,
  unpacked: WHEEL.length,
  sha256: createHash('sha256').update(WHEEL).digest('hex'),
};
/** A build of this wheel alone. */
export const BUILD = { folder: 'tensorflow', libraries: '.', wheels: [ROW] };
