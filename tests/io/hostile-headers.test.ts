import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FormatError, KitError } from '../../lib/errors';
import { metadataJson } from '../../lib/io/metadata-json';
import { readNpy, writeNpy } from '../../lib/io/npy';
import { readParquet, writeParquet } from '../../lib/io/parquet';
import { readSafetensors, writeSafetensors } from '../../lib/io/safetensors';
import { readManifest } from '../../lib/store/manifest';
import { npyFile, safetensorsFile } from './hostile-files';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));

/** Runs a reader; a refusal must be an error of the kit that has a message. */
function readOrRefuse(read: () => unknown): void {
  try {
    read();
  } catch (fault) {
    expect(fault, String((fault as Error).stack)).toBeInstanceOf(KitError);
    expect((fault as KitError).message).toMatch(/: expected .*, got /s);
  }
}

/** Anything that JSON can say, and often what a header should. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    null,
    [],
    {},
    'F32',
    'constructor',
    '__proto__',
    -1,
    1e300,
    2 ** 53,
    [0, 8],
    [2],
    [0, 4],
    [-4, 4],
    [1.5],
  ),
);
const entry = fc.record({ dtype: anything, shape: anything, data_offsets: anything }, { requiredKeys: [] });
const header = fc.oneof(
  anything,
  fc.dictionary(fc.constantFrom('__metadata__', 'a', 'b', '__proto__', ''), fc.oneof(anything, entry)),
);

describe('a hostile header gives nothing but errors of the kit', () => {
  it('of safetensors', () => {
    fc.assert(
      fc.property(header, (value) => {
        const file = safetensorsFile(folder, JSON.stringify(value), Buffer.alloc(8));
        readOrRefuse(() => readSafetensors(file));
      }),
      { numRuns: 1500 },
    );
  });

  it('of safetensors, of which some bytes are others', () => {
    const path = join(folder, 'whole.safetensors');
    writeSafetensors(path, new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]), {
      metadata: { of: '{"a":1}' },
    });
    mutated(readFileSync(path), (bytes) => {
      writeFileSync(path, bytes);
      readSafetensors(path);
    });
  });

  it('of .npy', () => {
    const literal = fc.oneof(
      fc.constantFrom('None', '1', '[]', '()', "'a'", '{}', '{1: 2}', '{', '{'.repeat(5000), "{'descr': None}"),
      fc
        .tuple(
          fc.constantFrom("'<f4'", "'toString'", "'>f8'", '4', 'None', "['<f4']"),
          fc.constantFrom('False', 'True', '0', "'no'", '[]'),
          fc.constantFrom(
            '(2,)',
            '()',
            '2',
            'None',
            '(-1,)',
            '(1.5,)',
            "('a',)",
            '(1e300, 1e300)',
            '(inf,)',
            '(nan,)',
            '[[2]]',
          ),
        )
        .map(([type, order, shape]) => `{'descr': ${type}, 'fortran_order': ${order}, 'shape': ${shape}, }`),
      fc.string(),
    );
    fc.assert(
      fc.property(literal, (text) => readOrRefuse(() => readNpy(npyFile(folder, text, Buffer.alloc(8))))),
      { numRuns: 1000 },
    );
    const path = join(folder, 'whole.npy');
    writeNpy(path, Float32Array.of(1, 2));
    mutated(readFileSync(path), (bytes) => {
      writeFileSync(path, bytes);
      readNpy(path);
    });
  });

  it('of the metadata of a weights file, and of the manifest of a store', () => {
    const schema = z.strictObject({ patchSize: z.number(), leads: z.array(z.string()) });
    fc.assert(
      fc.property(
        fc.oneof(
          anything.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (text) => {
          readOrRefuse(() => metadataJson({ of: text }, 'of', { schema, file: 'f' }));
          writeFileSync(join(folder, 'manifest.json'), text);
          readOrRefuse(() => readManifest(folder));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of Parquet, of which some bytes are others', async () => {
    const path = join(folder, 'whole.parquet');
    await writeParquet(path, [{ name: 'id', type: 'STRING', values: ['a', 'b'] }]);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(changes(whole.length), async (edits) => {
        writeFileSync(path, changed(whole, edits));
        const fault = await readParquet(path).catch((cause: unknown) => cause);
        expect(!(fault instanceof Error) || fault instanceof KitError, String(fault)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function changes(length: number) {
  const edit = fc.tuple(fc.nat(length - 1), fc.oneof(fc.constantFrom(0, 255, 34, 44, 91, 123), fc.nat(255)));
  return fc.array(edit, { minLength: 1, maxLength: 4 });
}

function changed(whole: Buffer, edits: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.from(whole);
  for (const [at, byte] of edits) bytes[at] = byte;
  return bytes;
}

function mutated(whole: Buffer, read: (bytes: Buffer) => void): void {
  fc.assert(
    fc.property(changes(whole.length), fc.nat(whole.length), fc.boolean(), (edits, length, cut) => {
      const bytes = changed(whole, edits);
      readOrRefuse(() => read(cut ? bytes.subarray(0, length) : bytes));
    }),
    { numRuns: 500 },
  );
}

describe('safetensors', () => {
  it.each([
    [
      'metadata that are null',
      '{"__metadata__":null}',
      /key __metadata__: safetensors: expected texts by name, got null/,
    ],
    ['metadata that are a list', '{"__metadata__":["a"]}', /expected texts by name/],
    ['metadata that are numbers', '{"__metadata__":{"sha256":7}}', /expected texts by name, got \{"sha256":7\}/],
    ['a header that is null', 'null', /safetensors header: expected a JSON object/],
    ['an array that is null', '{"a":null}', /key a: safetensors: expected F32/],
    [
      'arrays that share bytes',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      /key b: safetensors: expected .* from byte 8 on/,
    ],
  ])('with %s are refused', (_, text, message) => {
    const file = safetensorsFile(folder, text, Buffer.alloc(8));
    expect(() => readSafetensors(file)).toThrow(FormatError);
    expect(() => readSafetensors(file)).toThrow(message);
  });
});

it('a folder in the place of a file is an error of the kit to every reader', async () => {
  const path = join(folder, 'folder');
  mkdirSync(path);
  for (const read of [readNpy, readSafetensors]) expect(() => read(path)).toThrow(KitError);
  await expect(readParquet(path)).rejects.toThrow(KitError);
});
