import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { textWidth } from '../../lib/report/text-width';

/** Advance widths of a TrueType font by character, in font units over units per em. */
function advances(font: Buffer): (character: string) => number {
  const table = (tag: string) => {
    const count = font.readUInt16BE(4);
    for (let i = 0; i < count; i++) {
      if (font.toString('latin1', 12 + 16 * i, 16 + 16 * i) === tag)
        return font.subarray(font.readUInt32BE(20 + 16 * i));
    }
    throw new Error(`no table ${tag}`);
  };
  const [cmap, hmtx] = [table('cmap'), table('hmtx')];
  const unitsPerEm = table('head').readUInt16BE(18);
  const formats = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.subarray(cmap.readUInt32BE(8 + 8 * i)));
  const segments = formats.find((one) => one.readUInt16BE(0) === 4)!;
  const twice = segments.readUInt16BE(6);
  return (character) => {
    const code = character.codePointAt(0)!;
    let at = 0;
    while (segments.readUInt16BE(14 + at) < code) at += 2;
    const [first, delta] = [segments.readUInt16BE(16 + twice + at), segments.readUInt16BE(16 + 2 * twice + at)];
    const offset = segments.readUInt16BE(16 + 3 * twice + at);
    const glyph =
      offset === 0 ? code + delta : segments.readUInt16BE(16 + 3 * twice + at + offset + 2 * (code - first)) + delta;
    return hmtx.readUInt16BE(4 * (glyph & 0xffff)) / unitsPerEm;
  };
}

test('widths are those of the Arimo that draws the PNG', () => {
  const path = createRequire(__filename).resolve('@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf');
  const advance = advances(readFileSync(path));
  for (let code = 32; code <= 126; code++) {
    const character = String.fromCharCode(code);
    expect(textWidth(character, 1), character).toBeCloseTo(advance(character), 3);
  }
});

test('a line is the sum of its characters', () => {
  expect(textWidth('AUROC', 12)).toBeCloseTo(12 * (0.667 + 0.722 + 0.722 + 0.778 + 0.722), 12);
  expect(textWidth('', 12)).toBe(0);
});
