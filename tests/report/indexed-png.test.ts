import { Resvg } from '@resvg/resvg-js';
import { expect, test } from 'vitest';
import { randomStream } from '../../lib/random';
import { indexedPng, type Picture } from '../../lib/report/indexed-png';
import { renderPng } from '../../lib/report/render';

/** The pixels of a PNG as the decoder of resvg (the `png` crate) reads them. */
function decoded(png: Uint8Array, { width, height }: Pick<Picture, 'width' | 'height'>): Uint8Array {
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const size = `width="${width}" height="${height}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><image ${size} href="${href}"/></svg>`;
  return new Uint8Array(new Resvg(svg).render().pixels);
}

function picture(width: number, height: number, colourOf: (pixel: number) => readonly number[]): Picture {
  const colours = Array.from({ length: width * height }, (_, pixel) => colourOf(pixel));
  return { width, height, pixels: Uint8Array.from(colours.flat()) };
}

test('a picture of up to 64 colours is kept exactly', () => {
  const stripes = picture(37, 11, (p) => [p % 9, 100, 255 - (p % 6), 255]);
  const own = picture(8, 8, (p) => [p, 255 - p, 7, 255]);
  const clear = picture(3, 2, (p) => (p % 2 === 0 ? [0, 0, 0, 0] : [9, 8, 7, 255]));
  for (const one of [stripes, own, clear]) expect(decoded(indexedPng(one), one)).toEqual(one.pixels);
});

test('with more colours each channel is off by less than the step that makes them few', () => {
  const stream = randomStream(3, 'pixels');
  const many = picture(64, 64, () => [...[0, 1, 2].map(() => Math.floor(stream.uniform() * 24)), 255]);
  const read = decoded(indexedPng(many), many);
  const far = many.pixels.map((value, i) => Math.abs(value - read[i])).reduce((a, b) => Math.max(a, b), 0);
  expect(far).toBeGreaterThan(0);
  expect(far).toBeLessThan(8); // 24 / 8 = 3 boxes a channel, 27 in all, beside the colours kept
});

test('frequent colours stay as they are, however near: a pale grid does not become paper', () => {
  const stream = randomStream(4, 'pixels');
  const pixels = picture(100, 100, (p) => {
    if (p % 10 === 0) return [Math.floor(stream.uniform() * 256), Math.floor(stream.uniform() * 256), 0, 255];
    return p % 3 === 0 ? [228, 228, 228, 255] : [255, 255, 255, 255];
  });
  const read = decoded(indexedPng(pixels), pixels);
  for (let at = 0; at < read.length; at += 4) {
    if (pixels.pixels[at + 2] > 0) expect(read[at]).toBe(pixels.pixels[at]);
  }
});

test('a chart takes less than half of the bytes in full colour and looks the same', () => {
  const lines = Array.from({ length: 40 }, (_, i) => {
    return `<path d="M${i * 9} 5 L${395 - i * 7} 290" stroke="hsl(${i * 9} 80% 40%)" fill="none"/>`;
  });
  const size = { width: 400, height: 300 };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="#fff"/>${lines.join('')}</svg>`;
  const full = renderPng(svg, { scale: 1 });
  const small = renderPng(svg, { scale: 1, colours: 'palette' });
  expect(small.length).toBeLessThan(full.length / 2);
  expect(renderPng(svg, { scale: 1, colours: 'palette' })).toEqual(small);
  const [a, b] = [decoded(full, size), decoded(small, size)];
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
  expect(Math.sqrt(squares / a.length)).toBeLessThan(8); // of 255, with lines in forty hues
});
