import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(__dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'package-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const built = existsSync(join(root, 'lib/dist/index.js'));
const noBuild = built ? '' : ' (skipped: lib/dist has not been built, `npm test` does it)';
const ping = built ? spawnSync('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], { cwd: root }).status : 1;
const noRegistry = ping === 0 ? '' : ' (skipped: npm’s registry does not answer)';

describe.skipIf(!built)(`the package hybrid-ecg in another project${noBuild}`, () => {
  const app = join(scratch, 'app');
  let tarball: string;
  beforeAll(() => {
    const packed = execFileSync('npm', ['pack', '-w', 'lib', '--json', '--pack-destination', scratch], { cwd: root });
    tarball = join(scratch, JSON.parse(String(packed))[0].filename);
    execFileSync('tar', ['-xzf', tarball, '-C', scratch]);
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }');
  });
  const packed = (file: string) => readFileSync(join(scratch, 'package', file), 'utf8');

  it('has a README, the licence, source maps that hold their sources, and no commands', () => {
    expect(packed('README.md')).toContain('# hybrid-ecg');
    expect(packed('LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
    const files = readdirSync(join(scratch, 'package/dist'), { recursive: true }).map(String);
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(100);
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(packed(join('dist', file)));
      expect(sourcesContent).toHaveLength(sources.length);
    }
    expect(files.filter((file) => file.startsWith('commands'))).toEqual([]);
  });

  it('asks for packages of the registry alone, and for none that only notebooks use', () => {
    const { dependencies } = JSON.parse(packed('package.json')) as { dependencies: Record<string, string> };
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const name of ['danfojs-node', 'nodeplotlib', 'tslab', '@tensorflow/tfjs-node-gpu'])
      expect(dependencies).not.toHaveProperty(name);
  });

  it.skipIf(noRegistry !== '')(`installs, is imported and computes${noRegistry}`, { timeout: 300_000 }, () => {
    const install = ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'];
    const { status, stderr } = spawnSync('npm', install, { cwd: app, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    writeFileSync(
      join(app, 'app.mjs'),
      `import { interactivePlot, rocAucScore, showDataFrame, useEngine } from 'hybrid-ecg';
      const { backend } = await useEngine();
      const refused = async (work) => work().then(() => 'done', ({ tag, message }) => tag + ': ' + message);
      const plot = await refused(() => interactivePlot([{ name: 'x', x: [0, 1], y: [0, 1] }]));
      const frame = await refused(() => showDataFrame([{ a: 1 }]));
      console.log(JSON.stringify({ backend, auroc: rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), plot, frame }));`,
    );
    const env = { ...process.env, NODE_PATH: '' };
    const ran = spawnSync(process.execPath, ['app.mjs'], { cwd: app, encoding: 'utf8', env });
    expect(JSON.parse(ran.stdout || JSON.stringify(ran.stderr))).toEqual({
      backend: 'wasm',
      auroc: 0.75, // scikit-learn's example of roc_auc_score
      plot: 'MissingFileError: package nodeplotlib: expected it to be installed (`npm install nodeplotlib`), got no such package',
      frame:
        'MissingFileError: package danfojs-node: expected it to be installed (`npm install danfojs-node`), got no such package',
    });
    const required = `console.log(require('hybrid-ecg').rocAucScore([0, 1], [0, 1]))`;
    expect(spawnSync(process.execPath, ['-e', required], { cwd: app, encoding: 'utf8', env }).stdout).toBe('1\n');

    const source =
      "import { rocAucScore } from 'hybrid-ecg';\nexport const auroc: string = rocAucScore([0, 1], [0, 1]);\n";
    writeFileSync(join(app, 'app.ts'), source);
    const tsc = [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--skipLibCheck',
      '--strict',
      '--module',
      'node16',
    ];
    const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
    const checked = spawnSync(process.execPath, [...tsc, ...types, '--target', 'es2022', 'app.ts'], {
      cwd: app,
      encoding: 'utf8',
    });
    expect(checked.stdout.trim()).toBe("app.ts(2,14): error TS2322: Type 'number' is not assignable to type 'string'.");
  });
});
