import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onlyPrograms, setUpProcess } from './set-up-process';

const scratch = mkdtempSync(join(tmpdir(), 'nvidia-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Card {
  name: string;
  memory?: string;
  driver?: string;
  capability?: number;
}
let whyNoCuda: (cards: Card[], environment: Record<string, string>) => string | undefined;
let cardName: (card: Card) => string;
beforeAll(async () => {
  ({ whyNoCuda, cardName } = await import(resolve(__dirname, '../../lib/setup/nvidia.mjs')));
});

const H200: Card = { name: 'NVIDIA H200', memory: '143771 MiB', driver: '550.54.15', capability: 9 };
const SMI = 'echo "NVIDIA H200, 143771 MiB, 550.54.15, 9.0"';

/** What `findNvidia` gives where these programs are all of PATH. */
async function find(name: string, programs: Record<string, string>, options = {}): Promise<Card[]> {
  const PATH = onlyPrograms(join(scratch, name), programs);
  const script = `console.log(JSON.stringify(await setup.findNvidia(${JSON.stringify(options)})));`;
  const { stdout } = await setUpProcess(['nvidia'], script, { PATH });
  return JSON.parse(stdout);
}

describe('findNvidia', () => {
  const nothing = { proc: join(scratch, 'no-proc'), device: join(scratch, 'no-device') };

  it('reads what nvidia-smi prints, a line a card', async () => {
    expect(await find('one', { 'nvidia-smi': SMI }, nothing)).toEqual([H200]);
    const two = await find('two', { 'nvidia-smi': `${SMI}; echo "NVIDIA L4, 23034 MiB, 550.54.15, 8.9"` }, nothing);
    expect(two.map(({ name, capability }) => [name, capability])).toEqual([
      ['NVIDIA H200', 9],
      ['NVIDIA L4', 8.9],
    ]);
  });

  it('finds none without nvidia-smi, and none where it cannot reach the driver', async () => {
    expect(await find('none', {}, nothing)).toEqual([]);
    const failing = 'echo "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."; exit 9';
    expect(await find('failing', { 'nvidia-smi': failing }, nothing)).toEqual([]);
  });

  it("asks the driver's folder where there is no nvidia-smi, and only where a device file is", async () => {
    const proc = join(scratch, 'proc');
    mkdirSync(join(proc, 'gpus/0000:01:00.0'), { recursive: true });
    writeFileSync(join(proc, 'gpus/0000:01:00.0/information'), 'Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 1\n');
    writeFileSync(
      join(proc, 'version'),
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 2023\n',
    );
    expect(await find('proc-bin', {}, { ...nothing, proc, device: proc })).toEqual([
      { name: 'NVIDIA A100-SXM4-40GB', driver: '535.104.05' },
    ]);
    expect(await find('container-bin', {}, { ...nothing, proc })).toEqual([]);
  });
});

describe('whyNoCuda', () => {
  it.each([
    ['a card with a driver for CUDA 12', [H200], {}, undefined],
    ['the oldest driver for CUDA 12', [{ ...H200, driver: '525.60.13' }], {}, undefined],
    ['a card of which only the name is known', [{ name: 'NVIDIA A100' }], {}, undefined],
    ['one of two cards is new enough', [{ ...H200, capability: 5.2 }, H200], {}, undefined],
    ['the user names a card', [H200], { CUDA_VISIBLE_DEVICES: '0' }, undefined],
    ['no card', [], {}, 'no NVIDIA card was found'],
    ['an old driver', [{ ...H200, driver: '470.256.02' }], {}, 'the driver is 470.256.02, and CUDA 12 needs 525.60.13'],
    ['an old minor driver', [{ ...H200, driver: '525.53' }], {}, 'the driver is 525.53, and CUDA 12 needs 525.60.13'],
    ['an old card', [{ ...H200, capability: 5.2 }], {}, 'compute capability 5.2 is too old: TensorFlow needs 6.0'],
    ['the user hides the cards', [H200], { CUDA_VISIBLE_DEVICES: '' }, 'CUDA_VISIBLE_DEVICES hides the cards'],
    ['the user hides the cards so', [H200], { CUDA_VISIBLE_DEVICES: '-1' }, 'CUDA_VISIBLE_DEVICES hides the cards'],
  ])('%s', (_, cards, environment, reason) => {
    const found = whyNoCuda(cards, environment);
    if (reason === undefined) expect(found).toBe(undefined);
    else expect(found).toContain(reason);
  });

  it('a card in words names what is known of it', () => {
    expect(cardName(H200)).toBe('NVIDIA H200, 143771 MiB, driver 550.54.15');
    expect(cardName({ name: 'NVIDIA A100' })).toBe('NVIDIA A100');
  });
});
