import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { onlyPrograms, pythonThatDownloads, setUpProcess } from './set-up-process';
import { BUILD, LIBRARIES, ROW, WHEEL } from './small-wheel';

const scratch = mkdtempSync(join(tmpdir(), 'tensorflow-cache-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let folder: string; // where the libraries go
let calls: string; // a line a call of pip
let path: string;
let test = 0;
beforeEach(() => {
  const here = join(scratch, String(test++));
  folder = join(here, 'cache/tensorflow');
  calls = join(here, 'calls');
  path = onlyPrograms(join(here, 'bin'), { python3: pythonThatDownloads(join(here, 'tensorflow.whl'), calls) });
  writeFileSync(join(here, 'tensorflow.whl'), WHEEL);
});

const prepare = (build: object = BUILD, options = '{}') =>
  setUpProcess(
    ['libraries', 'lock'],
    `await setup.withLock(${JSON.stringify(`${folder}.lock`)}, () =>
      setup.prepareLibraries(${JSON.stringify(folder)}, ${JSON.stringify(build)}, ${options}));`,
    { PATH: path },
  );
const downloads = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0);
const expectWhole = () => {
  for (const [name, bytes] of Object.entries(LIBRARIES))
    expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
  expect(readdirSync(join(folder, '..'))).toEqual(['tensorflow']); // no lock, no temporary file
};

describe("the cache of TensorFlow's libraries", () => {
  it('takes only the parts it needs, once', async () => {
    const first = await prepare();
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toMatch(
      /downloading TensorFlow 2\.21\.0 from PyPI with pip of Python 3\.11\.0 .* SHA-256 as pinned/,
    );
    expect(existsSync(join(folder, 'python'))).toBe(false);
    expectWhole();
    expect(await prepare()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(downloads()).toBe(1);
  });

  it('finds a flipped byte, says which file, and makes the cache again', async () => {
    await prepare();
    const library = join(folder, 'libtensorflow_cc.so.2');
    const bytes = readFileSync(library);
    bytes[777] ^= 1;
    writeFileSync(library, bytes);
    const { code, stderr } = await prepare();
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /the cache is damaged and is made again: .*libtensorflow_cc\.so\.2: expected SHA-256 [0-9a-f]{64}, got/,
    );
    expectWhole();
  });

  it('finds a flipped byte behind an unchanged size and time when asked to be thorough', async () => {
    await prepare();
    const library = join(folder, 'libtensorflow_cc.so.2');
    const { mtimeMs } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).files[0];
    const bytes = readFileSync(library);
    bytes[777] ^= 1;
    writeFileSync(library, bytes);
    utimesSync(library, mtimeMs / 1000, mtimeMs / 1000);
    expect((await prepare(BUILD, '{ thorough: true }')).stderr).toMatch(/damaged .* expected SHA-256/);
    expectWhole();
  });

  it('mends a file cut short and a missing manifest', async () => {
    await prepare();
    truncateSync(join(folder, 'libtensorflow_framework.so.2'), 100);
    expect((await prepare()).stderr).toMatch(/framework\.so\.2: expected 9000 bytes, got 100/);
    rmSync(join(folder, 'manifest.json'));
    expect((await prepare()).stderr).toMatch(/expected a readable manifest\.json/);
    expectWhole();
  });

  it('takes a file with another time and the right bytes as it is', async () => {
    await prepare();
    utimesSync(join(folder, 'libtensorflow_cc.so.2'), 1, 1);
    expect(await prepare()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(downloads()).toBe(1);
  });

  it('goes on at the unpacking when a run was killed after the download', async () => {
    await prepare();
    rmSync(folder, { recursive: true });
    const { code } = await setUpProcess(
      ['wheel'],
      `await setup.downloadWheel(${JSON.stringify(`${folder}.download`)}, ${JSON.stringify(ROW)}, 0); process.kill(process.pid, 'SIGKILL');`,
      { PATH: path },
    );
    expect(code).toBe(null);
    await prepare();
    expect(downloads()).toBe(2); // one for the first preparation, one for the killed run
    expectWhole();
  });

  it('downloads once when two processes start together', async () => {
    const ends = await Promise.all([prepare(), prepare(), prepare()]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(downloads()).toBe(1);
    expectWhole();
  });

  it('refuses a wheel with another hash than the pinned one', async () => {
    const { code, stderr } = await prepare({ ...BUILD, wheels: [{ ...ROW, sha256: '0'.repeat(64) }] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/is not the pinned one \(SHA-256 [0-9a-f]{64}, expected 0{64}\)/);
    expect(existsSync(folder)).toBe(false);
  });

  it('says before it starts that the disk is too full', async () => {
    const { code, stderr } = await prepare({ ...BUILD, wheels: [{ ...ROW, bytes: 1e18 }] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/free and the set-up needs \d+ MB; free some space/);
    expect(downloads()).toBe(0);
  });
});
