import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../lib/errors';
import { readSafetensors, writeSafetensors } from '../../lib/io/safetensors';
import { peerPython } from '../peer-python';

const tensors = new Map([
  ['weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) }],
  ['count', { shape: [], data: Int32Array.of(7) }],
]);

function written(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'safetensors-')), 'weights.safetensors');
  writeSafetensors(file, tensors, { metadata: { format: 'pt', method: 'hybrid' } });
  return file;
}

/** The file with its header changed, as long as it was. */
function replaced(bytes: Buffer, what: string | RegExp, by: string): Buffer {
  const header = 8 + Number(bytes.readBigUInt64LE());
  const changed = bytes
    .toString('latin1', 8, header)
    .replace(what, by)
    .padEnd(header - 8);
  return Buffer.concat([bytes.subarray(0, 8), Buffer.from(changed, 'latin1'), bytes.subarray(header)]);
}

describe('safetensors', () => {
  it('come back as they were written', () => {
    const { tensors: read, metadata } = readSafetensors(written());
    expect(read).toEqual(tensors);
    expect(metadata).toMatchObject({ format: 'pt', method: 'hybrid' });
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['with a flipped bit', (bytes: Buffer) => bytes.map((byte, i) => (i === bytes.length - 2 ? byte ^ 4 : byte))],
    ['with a header longer than the file', (bytes: Buffer) => bytes.fill(255, 0, 7)],
    ['with a header that is no JSON', (bytes: Buffer) => bytes.fill('x', 8, 12)],
    ['with a header that says less', (bytes: Buffer) => replaced(bytes, '"shape"', '"shapf"')],
    ['with a header without offsets', (bytes: Buffer) => replaced(bytes, '"data_offsets"', '"data_offsetz"')],
    ['with a header of negative offsets', (bytes: Buffer) => replaced(bytes, '[0,24]', '[-4,20]')],
    ['with a header of numbers', (bytes: Buffer) => replaced(bytes, /\{"dtype".*?\}/s, '7')],
    ['of four bytes', (bytes: Buffer) => bytes.subarray(0, 4)],
  ])('%s are refused, the file named', (_, damage) => {
    const file = written();
    writeFileSync(file, damage(readFileSync(file)));
    expect(() => readSafetensors(file)).toThrow(
      expect.objectContaining({ tag: 'FormatError', where: expect.objectContaining({ file }) }),
    );
  });

  it('with any bit flipped, in the header too, are refused', () => {
    const file = written();
    const whole = readFileSync(file);
    const key = whole.indexOf('header_sha256'); // without the check, as of an earlier version, nothing else is wrong
    for (let i = 0; i < whole.length; i++) {
      if (i >= key && i < key + 'header_sha256'.length) continue;
      for (let bit = 0; bit < 8; bit++) {
        const bytes = Buffer.from(whole);
        bytes[i] ^= 1 << bit;
        writeFileSync(file, bytes);
        expect(() => readSafetensors(file), `byte ${i}, bit ${bit}`).toThrow(FormatError);
      }
    }
  });

  it('that are missing are a MissingFileError', () => {
    expect(() => readSafetensors('nowhere.safetensors')).toThrow(expect.objectContaining({ tag: 'MissingFileError' }));
  });

  it('of int64, as PyTorch writes counters, are read as numbers, unless they are too large for one', () => {
    const file = written();
    const write = (value: bigint) => {
      const header = JSON.stringify({ count: { dtype: 'I64', shape: [], data_offsets: [0, 8] } });
      const bytes = Buffer.alloc(8 + header.length + 8);
      bytes.writeBigUInt64LE(BigInt(header.length));
      bytes.write(header, 8);
      bytes.writeBigInt64LE(value, 8 + header.length);
      writeFileSync(file, bytes);
    };
    write(-123456789012n);
    expect(readSafetensors(file).tensors.get('count')).toEqual({ shape: [], data: Float64Array.of(-123456789012) });
    write(2n ** 60n + 1n);
    expect(() => readSafetensors(file)).toThrow(
      /count: safetensors: expected int64 values within .*got 1152921504606846977/,
    );
  });

  const python = peerPython('safetensors', 'numpy');
  // Skipped where no Python with safetensors is found.
  it.skipIf(python === undefined)('are read by the library of their authors', () => {
    const code =
      'import sys; from safetensors.numpy import load_file; t = load_file(sys.argv[1]); print(t["weight"].tolist(), t["count"].item())';
    const { stdout } = spawnSync(python!, ['-c', code, written()], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('[[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]] 7');
  });
});
