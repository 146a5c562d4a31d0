// The NVIDIA cards of this machine, and whether TensorFlow's CUDA build can compute on them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './spawn.mjs';

const OLDEST_DRIVER = '525.60.13'; // of CUDA 12
const OLDEST_CAPABILITY = 6; // Pascal; TensorFlow's kernels are compiled for it and later

/**
 * The cards that `nvidia-smi` names; where that program is missing, those that the driver lists under /proc.
 *
 * @param options.proc the driver's folder
 * @param options.device a card's device file: in a container without it, /proc shows the host's cards
 * @returns rows `{ name, memory, driver, capability }`; what is not known is undefined
 */
export async function findNvidia({ proc = '/proc/driver/nvidia', device = '/dev/nvidiactl' } = {}) {
  const query = ['nvidia-smi', '--query-gpu=name,memory.total,driver_version,compute_cap', '--format=csv,noheader'];
  const { code, output } = await run(query, { timeoutMs: 20_000 });
  if (code === 0) {
    const rows = output
      .trim()
      .split('\n')
      .map((line) => line.split(', '));
    const cards = rows.filter((row) => row.length === 4);
    return cards.map(([name, memory, driver, capability]) => ({
      name,
      memory,
      driver,
      capability: Number(capability),
    }));
  }
  const gpus = join(proc, 'gpus');
  if (!existsSync(gpus) || !existsSync(device)) return [];
  const driver = /Module\s+([\d.]+)/.exec(readFileSync(join(proc, 'version'), 'utf8'))?.[1];
  return readdirSync(gpus).map((card) => {
    const information = readFileSync(join(gpus, card, 'information'), 'utf8');
    return { name: /^Model:\s*(.+)$/m.exec(information)?.[1] ?? 'an NVIDIA card', driver };
  });
}

/**
 * Why the cards cannot be computed on; undefined when one can.
 *
 * @param environment `CUDA_VISIBLE_DEVICES`, empty or -1, hides the cards from CUDA and from the set-up
 */
export function whyNoCuda(cards, environment = process.env) {
  if (cards.length === 0) return 'no NVIDIA card was found';
  if (['', '-1'].includes(environment.CUDA_VISIBLE_DEVICES)) return 'CUDA_VISIBLE_DEVICES hides the cards';
  const { driver } = cards[0];
  if (driver !== undefined && isOlder(driver, OLDEST_DRIVER)) {
    return `the driver is ${driver}, and CUDA 12 needs ${OLDEST_DRIVER} or later`;
  }
  if (cards.every(({ capability }) => capability < OLDEST_CAPABILITY)) {
    return `compute capability ${cards[0].capability} is too old: TensorFlow needs ${OLDEST_CAPABILITY}.0 or later`;
  }
  return undefined;
}

/** `NVIDIA H200, 143771 MiB, driver 550.54.15`. */
export function cardName({ name, memory, driver }) {
  return [name, memory, driver && `driver ${driver}`].filter(Boolean).join(', ');
}

function isOlder(a, b) {
  const [as, bs] = [a, b].map((version) => version.split('.').map(Number));
  const at = bs.findIndex((part, i) => part !== (as[i] ?? 0));
  return at >= 0 && (as[at] ?? 0) < bs[at];
}
