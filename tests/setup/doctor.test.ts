import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BACKENDS } from '../../lib/engine/use-engine';
import { NO_WEBGPU } from '../backends';
import { softwareGpu, softwareGpuVariables } from '../software-gpu';
import { onlyPrograms, setUpProcess } from './set-up-process';

const root = resolve(__dirname, '../..');
const built = existsSync(join(root, 'lib/dist/engine/use-engine.js'));
const reason = built ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';

const scratch = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(scratch, { recursive: true }));

type Rows = Record<string, string | string[]>;

/** What the doctor prints where `nvidia-smi` prints this. */
async function doctor(nvidiaSmi: string): Promise<Rows> {
  const programs = onlyPrograms(mkdtempSync(join(scratch, 'bin-')), { 'nvidia-smi': nvidiaSmi });
  const env = {
    ...softwareGpuVariables(),
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    XDG_CACHE_HOME: join(scratch, 'cache'),
    CUDA_VISIBLE_DEVICES: '0',
  };
  const script = `await setup.default(${JSON.stringify(root)}, ['--json']);`;
  const { stdout } = await setUpProcess(['doctor'], script, env);
  return JSON.parse(stdout);
}

describe.skipIf(!built)(`the doctor${reason}`, () => {
  it('says of every backend whether it loads, and why not', async () => {
    const lines = (await doctor('exit 9')).backends as string[];
    expect(lines.map((line) => line.split(':')[0])).toEqual([...BACKENDS]);
    for (const line of lines) expect(line).toMatch(/^\w+: (loads, on the [CG]PU.*, \d+ threads?|does not load: .+)/);
    expect(lines.slice(2)).toEqual(['wasm: loads, on the CPU, 1 thread', 'cpu: loads, on the CPU, 1 thread']);
    if (NO_WEBGPU !== undefined) expect(lines[1]).toBe(`webgpu: does not load: ${NO_WEBGPU.split(', got ').pop()}`);
    else if (softwareGpu()) expect(lines[1]).toMatch(/CPU \(SwiftShader.*no GPU, so taken only when asked for$/);
  });

  it('says by measuring whether bf16 gains', async () => {
    const { engine, processor } = await doctor('exit 9');
    const line = (processor as string[]).at(-1)!;
    if (/^TensorFlow/.test(engine[0]))
      expect(engine[2]).toMatch(/^convolutions (by|without) oneDNN \(TF_ENABLE_ONEDNN_OPTS=/);
    const inPlainOps = (engine as string[]).some((text) => text.startsWith('in plain ops'));
    if (inPlainOps || !/^TensorFlow .* on the CPU/.test(engine[0])) {
      expect(line).toBe(
        "precision 'bf16' is not to be had: it needs the kit's kernels, of the backend tensorflow on the CPU",
      );
      return;
    }
    const form = /^precision 'bf16': (\d+) GFLOP\/s in the kit's products, (\d+) in float32, ratio (.*): (.*)$/;
    const [bf16, float32, ratio] = form.exec(line)!.slice(1, 4).map(Number);
    expect(Math.min(bf16, float32)).toBeGreaterThan(1);
    expect(Math.abs((ratio * float32) / bf16 - 1)).toBeLessThan(0.01 + 1 / Math.min(bf16, float32)); // all are rounded
    expect(form.exec(line)![4]).toBe(ratio > 1.15 ? 'a training gains' : 'a training gains nothing');
  });

  const hasCard = existsSync('/proc/driver/nvidia') ? ' (skipped: this machine has a card)' : '';
  it.skipIf(hasCard !== '')(`says of an NVIDIA card why it is not used${hasCard}`, async () => {
    expect((await doctor('exit 9')).gpu).toBe('no NVIDIA card was found');
    expect((await doctor('echo "NVIDIA H200, 143771 MiB, 470.42.01, 9.0"')).gpu).toEqual([
      'NVIDIA H200, 143771 MiB, driver 470.42.01',
      'not used: the driver is 470.42.01, and CUDA 12 needs 525.60.13 or later',
    ]);
    const [card, notUsed] = (await doctor('echo "NVIDIA H200, 143771 MiB, 550.54.15, 9.0"')).gpu;
    expect(card).toBe('NVIDIA H200, 143771 MiB, driver 550.54.15');
    expect(notUsed).toBe("not used: TensorFlow's CUDA build is not there; the engine's lines say why");
  });
});

it('the doctor says what to do next', async () => {
  const { next } = await import(resolve(root, 'lib/setup/doctor.mjs'));
  expect(next({ data: 'none standardised yet' }, scratch)).toMatch(/^npm run quickstart/);
  mkdirSync(join(scratch, 'runs/notebooks/tiny'), { recursive: true });
  const download = /: npm run data -- download ptb-xl, then npm run data -- standardise ptb-xl$/;
  expect(next({ data: 'none standardised yet' }, scratch)).toMatch(download);
  for (const row of ['ikem: 9 ECGs, 1 MB', 'ptb-xl: not finished'])
    expect(next({ data: [row] }, scratch)).toMatch(download);
  expect(next({ data: ['ikem: 9 ECGs, 1 MB', 'ptb-xl: 9 ECGs, 1 MB'] }, scratch)).toMatch(/^npm run lab/);
});
