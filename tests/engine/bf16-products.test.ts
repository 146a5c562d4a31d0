import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error the set-up is plain JavaScript
import { run } from '../../lib/setup/spawn.mjs';

const SOURCE = join(__dirname, 'bf16-products.cc');
const NATIVE = resolve(__dirname, '../../lib/engine/native');
const FLAGS = ['-std=c++17', '-ffp-contract=fast', '-pthread', '-Wall', '-Wextra', '-Werror', `-I${NATIVE}`];

const compiler = [process.env.CXX, 'g++', 'c++', 'clang++'].find((name) => name && runs([name, '--version']));
const noCompiler = compiler === undefined ? ' (skipped: no C++ compiler was found)' : '';

const scratch = mkdtempSync(join(tmpdir(), 'bf16-products-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a compiler older than GCC 12.3 makes of -march=native on Zen 4. */
const LIKE_ZEN_4 =
  '-march=znver3 -mavx512f -mavx512dq -mavx512cd -mavx512bw -mavx512vl -mavx512ifma -mavx512vbmi -mavx512vbmi2 ' +
  '-mavx512vnni -mavx512bitalg -mavx512vpopcntdq -mavx512bf16';

/** Processors that multiply in bfloat16, and what their innermost loops must hold. */
const PROCESSORS = [
  { name: 'Zen 4', choices: ['-march=znver4', LIKE_ZEN_4], loops: [{ instruction: 'vdpbf16ps', count: 28 }] },
  {
    name: 'Sapphire Rapids',
    choices: ['-march=sapphirerapids'],
    loops: [
      { instruction: 'vdpbf16ps', count: 28 },
      { instruction: 'tdpbf16ps', count: 4 },
    ],
  },
].map(({ choices, ...processor }) => {
  const flags = choices.map((choice) => choice.split(' ')).find(compilesFor);
  return { ...processor, flags, reason: flags === undefined ? ' (skipped: no compiler for x86-64 that knows it)' : '' };
});

function runs([program, ...args]: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function compilesFor(flags: string[]): boolean {
  return compiler !== undefined && runs([compiler, ...flags, '-x', 'c++', '-fsyntax-only', '/dev/null']);
}

async function compile(to: string, flags: string[]): Promise<string> {
  const { code, output } = await run([compiler, ...FLAGS, ...flags, SOURCE, '-o', join(scratch, to)]);
  expect(output).toBe('');
  expect(code).toBe(0);
  return join(scratch, to);
}

interface Line {
  readonly way: string;
  readonly what: string;
  readonly error: number;
}

async function results(program: string): Promise<Line[]> {
  const { code, output } = await run([program]);
  expect(code).toBe(0);
  const lines: string[] = output.trim().split('\n');
  return lines.map((line) => {
    const words = line.split(' ');
    return { way: words[0], what: words.slice(1, -1).join(' '), error: Number(words.at(-1)) };
  });
}

/** Sums in float32 of up to 4,131 exact products; in attention a weight may round the other way in bfloat16. */
function expectSmallErrors(lines: Line[]): void {
  for (const { way, what, error } of lines) {
    expect(error, `${way} ${what}`).toBeLessThan(what.startsWith('attention') ? 2e-5 : 5e-7);
  }
}

/** The bodies of loops of one block: from a label to the jump back to it. */
function innermostLoops(assembly: string): string[][] {
  const loops: string[][] = [];
  let [label, body] = ['', [] as string[]];
  for (const line of assembly.split('\n')) {
    const start = /^([.\w]+):/.exec(line)?.[1];
    if (start !== undefined) [label, body] = [start, []];
    else if (/^\t[a-z]/.test(line)) body.push(line.trim());
    if (/^\tj/.test(line) && line.trim().split(/\s+/)[1] === label) loops.push(body);
  }
  return loops;
}

describe.skipIf(compiler === undefined).concurrent(`products of bfloat16 factors${noCompiler}`, () => {
  describe('in a plain C++ emulation of the instructions', () => {
    let lines: Line[];
    beforeAll(async () => {
      const flags = ['-O1', '-DHYBRID_ECG_EMULATE_BFLOAT16', ...(compilesFor(['-Wno-psabi']) ? ['-Wno-psabi'] : [])];
      lines = await results(await compile('emulated', flags));
    }, 240_000);

    it('equal sums in float64 in every way of multiplying, for all layouts, tails and blocks', () => {
      expectSmallErrors(lines);
      const products = (way: string) => lines.filter((line) => line.way === way && !line.what.startsWith('attention'));
      const cases = products('float32').map(({ what }) => what);
      expect(new Set(cases).size).toBe(128); // 16 shapes in 4 layouts, shared among threads and on the calling one
      for (const way of ['rounded', 'pairs', 'tiles']) expect(products(way).map(({ what }) => what)).toEqual(cases);
    });

    it('make the same attention as products in float32 of rounded factors', () => {
      const cases = (way: string) => lines.filter((line) => line.way === way && line.what.startsWith('attention'));
      expect(cases('pairs')).toHaveLength(4);
      expect(cases('tiles')).toHaveLength(4);
    });
  });

  for (const { name, flags, loops, reason } of PROCESSORS) {
    it.skipIf(flags === undefined)(
      `compile for ${name} without a warning; the innermost loops keep their sums in registers${reason}`,
      { timeout: 240_000 },
      async () => {
        const bodies = innermostLoops(readFileSync(await compile(`${name}.s`, ['-O3', '-S', ...flags!]), 'utf8'));
        for (const { instruction, count } of loops) {
          const uses = (body: string[]) => body.filter((line) => line.startsWith(instruction)).length;
          const largest = bodies.filter((body) => uses(body) === count);
          expect(largest.length, `loops with ${count} ${instruction}`).toBeGreaterThan(0);
          for (const body of largest) expect(body.filter((line) => /%[re](sp|bp)\b/.test(line))).toEqual([]);
        }
      },
    );
  }

  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const has = /\b(avx512_bf16|amx_bf16)\b/.test(info);
  it.skipIf(!has)(
    `equal sums in float64 on the processor itself${has ? '' : ' (skipped: it has neither AVX512-BF16 nor AMX)'}`,
    { timeout: 240_000 },
    async () => expectSmallErrors(await results(await compile('native', ['-O3', '-march=native']))),
  );
});
