import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const kit = resolve(__dirname, '../..');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'home-')));
afterAll(() => rmSync(scratch, { recursive: true }));

let prepareHome: (root: string) => string;
beforeAll(async () => {
  ({ prepareHome } = await import(resolve(kit, 'lib/setup/home.mjs')));
});

/** Writes an empty file, with its folders. */
function touch(...path: string[]): void {
  const file = join(...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
}

function withHome<T>(home: string | undefined, work: () => T): T {
  const { HYBRID_ECG_HOME, INIT_CWD } = process.env;
  if (home === undefined) delete process.env.HYBRID_ECG_HOME;
  else process.env.HYBRID_ECG_HOME = home;
  process.env.INIT_CWD = scratch;
  try {
    return work();
  } finally {
    Object.assign(process.env, { HYBRID_ECG_HOME, INIT_CWD });
    if (HYBRID_ECG_HOME === undefined) delete process.env.HYBRID_ECG_HOME;
    if (INIT_CWD === undefined) delete process.env.INIT_CWD;
  }
}

describe('the home folder', () => {
  const root = join(scratch, 'root');
  beforeAll(() => {
    touch(root, 'notebooks/01-data.ipynb');
    touch(root, 'paper-tables/published/table-1.csv');
    touch(root, 'data/standardised/ptb-xl/manifest.json');
    touch(root, 'data/standardised/synthetic/manifest.json');
    touch(root, 'runs/finished/run.json');
    touch(root, 'runs/started/config.json');
    touch(root, 'node_modules/hybrid-ecg/package.json');
  });

  it('is the checkout unless HYBRID_ECG_HOME names another', () => {
    expect(withHome(undefined, () => prepareHome(root))).toBe(root);
    expect(withHome(root, () => prepareHome(root))).toBe(root);
    expect(existsSync(join(root, 'package.json'))).toBe(false);
  });

  it.each(['mine', 'with space, comma', "it's #1 %20", 'Müller'])('is laid out like a checkout: %s', (name) => {
    const home = withHome(name, () => prepareHome(root)); // seen from where the user stands
    expect(home).toBe(join(scratch, name));
    expect(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).name).toBe('hybrid-ecg-kit');
    for (const path of [
      'node_modules/hybrid-ecg',
      'paper-tables/published',
      'data/standardised/ptb-xl',
      'runs/finished',
    ])
      expect(realpathSync(join(home, path))).toBe(join(root, path));
    for (const path of ['data/standardised/synthetic', 'runs/started'])
      expect(existsSync(join(home, path))).toBe(false);
    const notebook = join(home, 'notebooks/01-data.ipynb');
    writeFileSync(notebook, 'mine');
    withHome(name, () => prepareHome(root));
    expect(readFileSync(notebook, 'utf8')).toBe('mine');
    expect(readFileSync(join(root, 'notebooks/01-data.ipynb'), 'utf8')).toBe('');
  });

  it('is refused where a file is', () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(() => withHome('file', () => prepareHome(root))).toThrow(
      /^HYBRID_ECG_HOME: expected a folder that can be written, got .*file \(no folder\)$/,
    );
  });
});

const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const prepared = existsSync(join(kit, 'data-scripts/dist/data.js')) && existsSync(join(kit, '.kit/build'));
const canRun = spawnSync(nobody[0], [
  ...nobody.slice(1),
  process.execPath,
  '-e',
  `fs.readFileSync(${JSON.stringify(join(kit, 'package.json'))})`,
]);
const reason = !prepared
  ? 'the checkout is not prepared'
  : canRun.status !== 0
    ? 'no right to run as another user who can read this'
    : '';

describe.skipIf(reason !== '')(`a checkout of another user${reason && ` (skipped: ${reason})`}`, () => {
  const own = join(scratch, 'own');
  const run = (env: Record<string, string>, ...args: string[]) => {
    const command = [...nobody.slice(1), process.execPath, join(kit, 'lib/setup/kit.mjs'), ...args];
    const { status, stdout, stderr } = spawnSync(nobody[0], command, {
      env: { PATH: '/usr/bin:/bin', HOME: own, ...env },
      cwd: kit,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  beforeAll(() => {
    mkdirSync(own);
    chownSync(own, 65534, 65534);
    chmodSync(scratch, 0o755);
  });

  it('says what to set', () => {
    const { status, stderr } = run({}, 'data', 'synthetic');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/cannot be written: set HYBRID_ECG_HOME to a folder of yours/),
    ]);
    expect(run({ HYBRID_ECG_HOME: join(own, 'ecg') }, 'test').stderr).toMatch(
      /expected a checkout that can be written: npm test/,
    );
  });

  it('works with a home folder, and leaves the checkout as it is', () => {
    const home = join(own, 'ecg, mine');
    const { status, stdout, stderr } = run({ HYBRID_ECG_HOME: home }, 'data', 'synthetic', '--ecgs', '30');
    expect(status, stderr + stdout).toBe(0);
    expect(stderr).toContain(`home: data, runs, tables and notebooks are in ${home}`);
    expect(existsSync(join(home, 'data/raw/synthetic/ptbxl_database.csv'))).toBe(true);
    const doctor = run({ HYBRID_ECG_HOME: home }, 'doctor', '--json');
    expect(JSON.parse(doctor.stdout).home).toBe(`${home} (HYBRID_ECG_HOME)`);
    expect(JSON.parse(run({}, 'doctor', '--json').stdout).home).toMatch(/cannot be written: set HYBRID_ECG_HOME/);
  });

  it('refuses a home folder that cannot be written', () => {
    const closed = join(scratch, 'closed');
    mkdirSync(closed, { mode: 0o700 }); // of the user who runs the tests, not of the one who runs the command
    const { status, stderr } = run({ HYBRID_ECG_HOME: join(closed, 'ecg') }, 'data', 'synthetic');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^HYBRID_ECG_HOME: .* got .*closed\/ecg \(EACCES\)/m)]);
  });
});
