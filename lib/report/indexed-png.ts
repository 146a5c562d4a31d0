import { crc32, deflateSync } from 'node:zlib';

/** A picture: `pixels` are red, green, blue, alpha of each, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const MOST_COLOURS = 64; // of 256 that PNG allows: a chart has few, and edges look as smooth with 64
const KEPT_COLOURS = 24;

/**
 * Writes a picture as PNG with a palette, a byte a pixel: a chart takes a quarter of the bytes that it takes in full
 * colour.
 *
 * Of a picture with more than 64 colours the 24 most frequent stay as they are, so that pale grid lines do not become
 * paper; of the others, in a chart the edges of lines and letters, the channels are made so coarse that they are enough.
 * Equal pictures give equal bytes.
 *
 * PNG Specification, third edition (W3C, 2025), colour type 3.
 */
export function indexedPng({ width, height, pixels }: Picture): Uint8Array {
  const { palette, indexOf } = paletteOf(pixels);
  const rows = Buffer.alloc((width + 1) * height); // each row begins with its filter, 0: none
  for (let pixel = 0, at = 0; pixel < width * height; pixel++) {
    if (pixel % width === 0) at++;
    rows[at++] = indexOf(pixel);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // bits an index, palette
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => channels(colour).slice(0, 3)))),
    chunk('tRNS', Buffer.from(palette.map((colour) => channels(colour)[3]))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * The finest palette of at most 64 colours: the most frequent ones, and of the others those in one box of `step` steps a
 * channel become its most frequent.
 */
function paletteOf(pixels: Uint8Array): { palette: number[]; indexOf: (pixel: number) => number } {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = view.getUint32(at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const frequent = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  for (let step = 1; ; step++) {
    const boxes = new Map<string, number>();
    const index = new Map<number, number>();
    const palette: number[] = [];
    frequent.forEach((colour, rank) => {
      const box = channels(colour)
        .map((value) => Math.floor(value / step))
        .join();
      const known = rank < KEPT_COLOURS ? undefined : boxes.get(box);
      const entry = known ?? palette.push(colour) - 1;
      if (!boxes.has(box)) boxes.set(box, entry);
      index.set(colour, entry);
    });
    if (palette.length <= MOST_COLOURS) return { palette, indexOf: (pixel) => index.get(view.getUint32(4 * pixel))! };
  }
}

function channels(colour: number): number[] {
  return [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255, colour & 255];
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
