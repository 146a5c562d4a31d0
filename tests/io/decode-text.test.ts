import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '../../lib/errors';
import { decodeText } from '../../lib/io/decode-text';

const decode = (bytes: Buffer, encoding?: string) =>
  decodeText(bytes, { what: 'CSV', where: { file: 'x.csv' }, encoding });
const big = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('decodeText', () => {
  it.each<[string, Buffer, string | undefined, string]>([
    ['UTF-8', Buffer.from('Müller, 中 😀'), undefined, 'Müller, 中 😀'],
    ['UTF-8 with a mark', Buffer.from('\ufeffü'), undefined, 'ü'],
    ['a mark against what was named', Buffer.from('\ufeffü'), 'windows-1252', 'ü'],
    ['UTF-16LE with a mark', Buffer.from('\ufeffü\n', 'utf16le'), undefined, 'ü\n'],
    ['UTF-16BE with a mark', big('\ufeffü\n'), undefined, 'ü\n'],
    ['UTF-16LE that was named', Buffer.from('a,b', 'utf16le'), 'utf-16le', 'a,b'],
    ['UTF-16BE that was named', big('a,b'), 'UTF-16BE', 'a,b'],
    ['Windows-1252', Buffer.from([0x4d, 0xfc, 0x80, 0x8a, 0x9e]), 'windows-1252', 'Mü€Šž'],
    ['Latin-1, by its other name', Buffer.from([0xb5, 0x56]), 'latin1', 'µV'],
    ['Windows-1250', Buffer.from([0xf8, 0x9a]), 'windows-1250', 'řš'],
    ['Shift JIS', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), 'shift_jis', '日本'],
    ['Ctrl-Z at the end', Buffer.from('a\n\x1a\x1a'), undefined, 'a\n'],
    ['Ctrl-Z at the end of UTF-16', Buffer.from('\ufeffa\x1a', 'utf16le'), undefined, 'a'],
    ['Ctrl-Z elsewhere', Buffer.from('a\x1ab'), undefined, 'a\x1ab'],
    ['nothing', Buffer.alloc(0), undefined, ''],
  ])('reads %s', (_, bytes, encoding, text) => {
    expect(decode(bytes, encoding)).toBe(text);
  });

  it.each<[string, Buffer, string | undefined, string]>([
    [
      'Windows-1252',
      Buffer.from('a,b\nc,M\xfcller', 'latin1'),
      undefined,
      'line 2, column 4: CSV: expected UTF-8, or its encoding named, such as windows-1252, got byte 0xfc, which',
    ],
    ['the first byte of a letter of UTF-8', Buffer.from('é\r\r\nM\xe4ller', 'latin1'), undefined, 'line 1, column 1: '],
    ['what begins as a letter does', Buffer.from('a\r\rM\xe4ller', 'latin1'), undefined, 'line 3, column 2: '],
    ['a letter cut at the end', Buffer.from('😀中').subarray(0, -1), undefined, 'line 1, column 2: .*byte 0xe4'],
    ['half a pair of surrogates', Buffer.from('\ufeffab\ud800c', 'utf16le'), undefined, 'column 3: .*UTF-16LE, got'],
    ['half a character', Buffer.from('\ufeffab', 'utf16le').subarray(0, -1), undefined, 'column 2: .*UTF-16LE'],
    ['other than was named', Buffer.from([0x61, 0x81, 0x0a]), 'shift_jis', 'column 2: .*SHIFT_JIS, got byte 0x81'],
    ['UTF-16LE without a mark', Buffer.from('a,b', 'utf16le'), undefined, 'UTF-16LE without a byte order mark'],
    ['UTF-16BE without a mark', big('a,b'), undefined, 'encoding utf-16be named, got UTF-16BE without'],
    ['UTF-32LE', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), undefined, 'expected UTF-8 or UTF-16, got UTF-32LE'],
    ['UTF-32BE', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), undefined, 'got UTF-32BE'],
  ])('names %s for what it is', (_, bytes, encoding, message) => {
    expect(() => decode(bytes, encoding)).toThrow(FormatError);
    expect(() => decode(bytes, encoding)).toThrow(new RegExp(message));
    expect(() => decode(bytes, encoding)).toThrow(/^x\.csv/);
  });

  it('refuses an encoding that nobody knows', () => {
    for (const text of ['a', '\ufeffa']) expect(() => decode(Buffer.from(text), 'ebcdic')).toThrow(ArgumentError);
    expect(() => decode(Buffer.from('a'), 'ebcdic')).toThrow(/encoding: expected .* got 'ebcdic'/);
  });

  it('gives back the bytes of any text, or names the place of the first wrong byte', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'ü', '中', '😀', ','), maxLength: 30 });
    fc.assert(
      fc.property(letters, letters, fc.constantFrom(0x80, 0xff, 0xc0, 0xf8), (before, after, byte) => {
        expect(decode(Buffer.from(before + after))).toBe(before + after);
        const bytes = Buffer.concat([Buffer.from(`x\n${before}`), Buffer.of(byte), Buffer.from(after)]);
        const column = [...before].length + 1;
        expect(() => decode(bytes)).toThrow(`line 2, column ${column}: `);
      }),
    );
  });
});
