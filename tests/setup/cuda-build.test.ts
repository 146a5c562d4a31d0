import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { onlyPrograms, setUpProcess } from './set-up-process';
import { BUILD as CPU, LIBRARIES, WHEEL } from './small-wheel';
import { zipFile } from './zip-file';

const scratch = mkdtempSync(join(tmpdir(), 'cuda-build-'));
afterAll(() => rmSync(scratch, { recursive: true }));

// Wheels as NVIDIA makes them, with what is taken and what is left.
const WHEELS: Record<string, Buffer> = {
  'tensorflow-cpu': WHEEL,
  tensorflow: WHEEL,
  'nvidia-cublas-cu12': zipFile({
    'nvidia/cublas/lib/libcublas.so.12': Buffer.from('cublas'),
    'nvidia/cublas/lib/libcublasLt.so.12': Buffer.from('cublasLt'),
    'nvidia/cublas/lib/libnvblas.so.12': Buffer.from('left out'),
    'nvidia/cublas/include/cublas.h': Buffer.from('left out'),
  }),
  'nvidia-cuda-nvrtc-cu12': zipFile({
    'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9': Buffer.from('builtins'),
    'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.alt.so.12.9': Buffer.from('left out'),
    'nvidia/cuda_nvrtc/lib/libnvrtc.alt.so.12': Buffer.from('left out'),
    'nvidia/cuda_nvrtc/lib/libnvrtc.so.12': Buffer.from('nvrtc'),
  }),
  'nvidia-cuda-nvcc-cu12': zipFile({
    'nvidia/cuda_nvcc/bin/ptxas': Buffer.from('ptxas'),
    'nvidia/cuda_nvcc/bin/nvlink': Buffer.from('left out'),
    'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': Buffer.from('libdevice'),
  }),
};
const row = (name: string) => {
  const bytes = WHEELS[name];
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name, version: '1', platform: 'any', bytes: bytes.length, unpacked: bytes.length, sha256 };
};
const names = ['tensorflow', 'nvidia-cublas-cu12', 'nvidia-cuda-nvrtc-cu12', 'nvidia-cuda-nvcc-cu12'];
const links = { 'nvidia/cublas/lib/libnvrtc.so.12': '../../cuda_nvrtc/lib/libnvrtc.so.12' };
const CUDA = { folder: 'tensorflow-cuda', libraries: 'tensorflow', wheels: names.map(row), links };

let here: string;
let path: string;
let test = 0;
beforeEach(() => {
  here = join(scratch, String(test++));
  mkdirSync(join(here, 'wheels'), { recursive: true });
  for (const [name, bytes] of Object.entries(WHEELS)) writeFileSync(join(here, 'wheels', `${name}.whl`), bytes);
  path = onlyPrograms(join(here, 'bin'), {
    python3: [
      'if [ "$1" = -c ]; then echo 3.11.0; exit 0; fi',
      `echo "$@" >> '${here}/calls'`,
      'while [ "$1" != --dest ]; do shift; done',
      `exec cp '${here}/wheels/'"$\{3%%==*}.whl" "$2"`,
    ].join('\n'),
  });
});

const folder = () => join(here, 'cache', CUDA.folder);
const prepare = (build: object = CUDA) =>
  setUpProcess(['libraries'], `await setup.prepareLibraries(${JSON.stringify(folder())}, ${JSON.stringify(build)});`, {
    PATH: path,
  });
const downloads = () => readFileSync(join(here, 'calls'), 'utf8').trim().split('\n').length;
const text = (file: string) => readFileSync(join(folder(), file), 'utf8');

describe('the CUDA build in the cache', () => {
  it("lies as TensorFlow's run path wants it, with what is loaded and no more", async () => {
    const { code, stderr } = await prepare();
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^engine: 4 wheels of PyPI, [\d.]+ GB to download, [\d.]+ GB on disk, once for all checkouts\n/,
    );
    for (const [name, bytes] of Object.entries(LIBRARIES)) expect(text(`tensorflow/${name}`)).toBe(String(bytes));
    expect(text('nvidia/cublas/lib/libcublasLt.so.12')).toBe('cublasLt');
    expect(text('nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9')).toBe('builtins');
    expect(text('nvidia/cublas/lib/libnvrtc.so.12')).toBe('nvrtc'); // the link
    expect(text('nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc')).toBe('libdevice');
    expect(statSync(join(folder(), 'nvidia/cuda_nvcc/bin/ptxas')).mode & 0o111).toBe(0o111);
    const { files } = JSON.parse(text('manifest.json'));
    for (const { path: file } of files) expect(text(file)).not.toBe('left out');
    expect(files).toHaveLength(Object.keys(LIBRARIES).length + 6);
    expect(await prepare()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(downloads()).toBe(4);
  });

  it('goes on at the wheel at which it failed', async () => {
    const wrong = { ...CUDA.wheels[2], sha256: '0'.repeat(64) };
    const failed = await prepare({ ...CUDA, wheels: [...CUDA.wheels.slice(0, 2), wrong, CUDA.wheels[3]] });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/is not the pinned one/);
    expect(existsSync(folder())).toBe(false);
    const { stderr } = await prepare();
    expect(stderr).toMatch(/^engine: 2 wheels of PyPI/);
    expect(downloads()).toBe(3 + 2);
    expect(text('nvidia/cublas/lib/libcublas.so.12')).toBe('cublas');
  });

  it('is made again when a library is damaged', async () => {
    await prepare();
    writeFileSync(join(folder(), 'nvidia/cublas/lib/libcublas.so.12'), 'CUBLAS');
    const { stderr } = await prepare();
    expect(stderr).toMatch(/the cache is damaged and is made again: .*libcublas\.so\.12: expected SHA-256/);
    expect(text('nvidia/cublas/lib/libcublas.so.12')).toBe('cublas');
  });
});

describe('the builds that a machine gets', () => {
  const SMI = 'echo "NVIDIA H200, 143771 MiB, 550.54.15, 9.0"';
  const builds = async (nvidiaSmi: string | undefined, visible: string) => {
    const programs: Record<string, string> = nvidiaSmi === undefined ? {} : { 'nvidia-smi': nvidiaSmi };
    const PATH = onlyPrograms(mkdtempSync(join(here, 'bin-')), programs);
    const cache = JSON.stringify(join(here, 'cache'));
    const script = `console.log(JSON.stringify((await setup.buildsHere(${cache})).map(({ folder }) => folder)));`;
    const { stdout } = await setUpProcess(['tensorflow'], script, { PATH, CUDA_VISIBLE_DEVICES: visible });
    return JSON.parse(stdout).map((name: string) => name.replace(/-2\.21\.0-.*/, ''));
  };
  const elsewhere = process.platform !== 'linux' || process.arch !== 'x64';
  const reason = elsewhere ? ' (skipped: PyPI has the CUDA build for Linux on x86-64)' : '';

  it.skipIf(elsewhere)(`CUDA first where a card is, unless it is hidden or its driver too old${reason}`, async () => {
    expect(await builds(SMI, '0')).toEqual(['tensorflow-cuda', 'tensorflow']);
    expect(await builds(SMI, '-1')).toEqual(['tensorflow']);
    expect(await builds(SMI.replace('550.54.15', '470.42.01'), '0')).toEqual(['tensorflow']);
  });

  it.skipIf(elsewhere)(`the CPU's where no card is, and CUDA's once it is in the cache${reason}`, async () => {
    expect(await builds(undefined, '')).toEqual(['tensorflow']);
    const { folder: name } = await import(resolve(__dirname, '../../lib/setup/builds.mjs')).then((m) => m.cudaBuild());
    mkdirSync(join(here, 'cache', name), { recursive: true });
    writeFileSync(join(here, 'cache', name, 'manifest.json'), JSON.stringify({ files: [] }));
    expect(await builds(undefined, '')).toEqual(['tensorflow-cuda', 'tensorflow']);
  });
});

describe('where the CUDA build cannot be had', () => {
  const script = (options: object) =>
    `try { await setup.prepareTensorflow(${JSON.stringify(options)}) } catch (error) { console.log(error.message) }`;
  const fallBack = () => {
    const wrong = { ...CUDA.wheels[1], sha256: '0'.repeat(64) };
    const cuda = { ...CUDA, wheels: [CUDA.wheels[0], wrong] };
    const options = { cache: join(here, 'cache'), builds: [cuda, CPU] };
    return setUpProcess(['tensorflow'], script(options), { PATH: path, CXX: '' });
  };

  it('one line says why, the CPU build is prepared, and CUDA is not tried again until the doctor runs', async () => {
    const first = await fallBack();
    const line =
      /^engine: TensorFlow computes on the CPU, although there is an NVIDIA card: the wheel .* not the pinned/m;
    expect(first.stderr).toMatch(line);
    expect(existsSync(join(here, 'cache', CPU.folder, 'libtensorflow_cc.so.2'))).toBe(true);
    expect(first.stdout).toMatch(/no C\+\+ compiler was found/); // the CPU build got as far as to its binding
    const calls = downloads();
    const second = await fallBack();
    expect(second.stderr).toMatch(line);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(downloads()).toBe(calls);
  });
});
