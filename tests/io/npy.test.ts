import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError, MissingFileError } from '../../lib/errors';
import { npyHeader, readNpy, writeNpy } from '../../lib/io/npy';
import { peerPython } from '../peer-python';

const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-npy-'));
const path = join(folder, 'x.npy');
const arrays = [
  new Float32Array([1.5, Number.NaN, -0, 3e38, 5, 6]),
  new Float64Array([0.1, 1e300, -2, 3, 4, 5]),
  new Int8Array([-128, 0, 1, 2, 3, 127]),
  new Uint8Array([0, 1, 2, 3, 4, 255]),
  new Int16Array([-32768, 0, 1, 2, 3, 32767]),
  new Uint16Array([0, 1, 2, 3, 4, 65535]),
  new Int32Array([-(2 ** 31), 0, 1, 2, 3, 2 ** 31 - 1]),
];

describe('npy', () => {
  it.each(arrays.map((values) => [values.constructor.name, values] as const))('reads back a %s', (_, values) => {
    writeNpy(path, values, { shape: [2, 3] });
    expect(readNpy(path)).toEqual({ values, shape: [2, 3] });
    writeNpy(path, values);
    expect(readNpy(path)).toEqual({ values, shape: [6] });
  });

  it('reads back any float32 bits and shape', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 0, maxLength: 24 }), (values) => {
        writeNpy(path, values, { shape: [1, values.length, 1] });
        expect(readNpy(path)).toEqual({ values, shape: [1, values.length, 1] });
      }),
      { numRuns: 30 },
    );
  });

  it('aligns the values to 64 bytes', () => {
    for (const shape of [[1], [500, 12, 2500], [1_300_000, 12, 2500]]) {
      expect(npyHeader('<f4', shape).length % 64).toBe(0);
    }
  });

  it('writes a part of a larger array', () => {
    writeNpy(path, new Float32Array([9, 1, 2, 9]).subarray(1, 3));
    expect([...readNpy(path).values]).toEqual([1, 2]);
  });

  it('refuses a shape of another size', () => {
    expect(() => writeNpy(path, new Float32Array(5), { shape: [2, 3] })).toThrow(ArgumentError);
  });

  it('refuses files that are damaged', () => {
    writeNpy(path, new Float32Array(6));
    const whole = readFileSync(path);
    for (const bytes of [0, 5, 11, 60, whole.length - 1]) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      expect(() => readNpy(path), `${bytes} bytes`).toThrow(FormatError);
    }
    writeFileSync(path, Buffer.concat([whole, Buffer.from([0])]));
    expect(() => readNpy(path)).toThrow(/bytes: expected 152 for <f4 of shape \(6\), got 153/);
    writeFileSync(path, Buffer.from(whole.toString('latin1').replace('<f4', '>f4'), 'latin1'));
    expect(() => readNpy(path)).toThrow(/.npy type: expected <f4/);
    writeFileSync(path, Buffer.from(whole.toString('latin1').replace('False', 'True '), 'latin1'));
    expect(() => readNpy(path)).toThrow(/Fortran/);
    expect(() => readNpy(join(folder, 'none.npy'))).toThrow(MissingFileError);
  });

  const python = peerPython('numpy');
  it.skipIf(python === undefined)('exchanges files with NumPy (skipped without a Python that has numpy)', () => {
    arrays.forEach((values, i) => {
      writeNpy(join(folder, `${i}.npy`), values, { shape: [3, 2] });
    });
    const code = `
import numpy, sys
for i in range(${arrays.length}):
    a = numpy.load(f"{sys.argv[1]}/{i}.npy", mmap_mode="r")
    assert a.shape == (3, 2), a.shape
    numpy.save(f"{sys.argv[1]}/back{i}.npy", a.T.copy())
numpy.save(f"{sys.argv[1]}/f.npy", numpy.asfortranarray(numpy.ones((2, 3), "f4")))
`;
    execFileSync(python!, ['-c', code, folder]);
    arrays.forEach((values, i) => {
      const { values: back, shape } = readNpy(join(folder, `back${i}.npy`));
      expect(shape).toEqual([2, 3]);
      expect([...back]).toEqual([0, 2, 4, 1, 3, 5].map((k) => values[k]));
    });
    expect(() => readNpy(join(folder, 'f.npy'))).toThrow(/Fortran/);
  });
});
