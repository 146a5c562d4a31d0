// `npm run bench -- train|backends|epoch|memory|standardise|metrics|probe [--json] [--records N]`: how fast, beside the usual Python tools.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { say } from './steps.mjs';

/**
 * Runs the benchmarks of tests/bench: each file NAME.ts exports `benchName`, which gives rows of
 * `{ what, unit, ours, peer, peerName, ratio }`; a ratio above 1 means that ours is faster. `formatName`, where the file
 * has it, prints them in another way than a line a row.
 *
 * @param root the checkout, prepared
 * @param args names of benchmarks (default: all); `--json` prints one array; `--records N` is for those that take a number
 *   of records, as `{ records: N }`
 * @returns 2 for a benchmark that there is none of
 */
export default async function bench(root, args) {
  const folder = join(root, 'tests/bench');
  const records = /^\d+$/.test(args[args.indexOf('--records') + 1]) ? args.indexOf('--records') : -1;
  const options = records === -1 ? {} : { records: Number(args[records + 1]) };
  const given = records === -1 ? args : args.toSpliced(records, 2);
  const names = given.filter((arg) => !arg.startsWith('--'));
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const require = requireTypeScript(root);
  const modules = files.map((file) => require(join(folder, file)));
  const benches = Object.assign({}, ...modules.map((module) => named(module, 'bench')));
  const formats = Object.assign({}, ...modules.map((module) => named(module, 'format')));
  const unknown = [...names.filter((name) => !(name in benches)), ...given.filter((arg) => /^--(?!json$)/.test(arg))];
  if (unknown.length > 0) {
    say(`expected ${Object.keys(benches).join(', ')}, --json or --records N, got ${unknown.join(' ')}`);
    return 2;
  }
  const rows = [];
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    const made = await benches[name](options);
    rows.push(...made);
    if (args.includes('--json')) continue;
    process.stdout.write(`${formats[name]?.(made) ?? made.map(line).join('\n')}\n`);
  }
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`);
  return 0;
}

/** The functions of a module with a prefix, `benchTrain` as `train`. */
function named(module, prefix) {
  const functions = Object.entries(module).filter(
    ([name, value]) => name.startsWith(prefix) && typeof value === 'function',
  );
  return Object.fromEntries(functions.map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value]));
}

function line({ what, unit, ours, peer, peerName, ratio }) {
  const figure = (value) => `${value < 1 ? value.toPrecision(3) : value.toFixed(2)} ${unit}`;
  const beside =
    peer === null ? `no Python with ${peerName} to compare` : `${peerName} ${figure(peer)}, ratio ${ratio.toFixed(2)}`;
  return `${what}: ours ${figure(ours)}; ${beside}`;
}

/** A `require` for the benchmarks: TypeScript beside the tests, which times the compiled library as users run it. */
export function requireTypeScript(root) {
  const require = createRequire(join(root, 'package.json'));
  const ts = require('typescript');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  require.extensions['.ts'] = (module, file) => {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions, fileName: file });
    module._compile(outputText.replace(/(["'])((?:\.\.\/)+)lib\//g, '$1$2lib/dist/'), file);
  };
  return require;
}
