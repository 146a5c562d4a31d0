import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../lib/errors';
import { decodeFlac, flacInfo } from '../../lib/io/flac';
import { type FlacToWrite, writeFlac } from './flac-writer';

const WHERE = { file: 'r.dat', record: 'r' };

function decode(bytes: Uint8Array, range: { from?: number; to?: number } = {}): number[][] {
  const source = { bytes, where: WHERE };
  return decodeFlac(source, { info: flacInfo(source), ...range }).map((channel) => [...channel]);
}

describe('decodeFlac', () => {
  const file = resolve(__dirname, '../golden/flac.json');
  type Golden = Record<string, { bits: number; samples: number[][]; flac: string }>;
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

  it.each(Object.keys(golden))("gives the samples of libFLAC's stream: %s", (name) => {
    const { bits, samples, flac } = golden[name];
    const bytes = Buffer.from(flac, 'base64');
    const info = flacInfo({ bytes, where: WHERE });
    expect(info).toMatchObject({ channels: samples.length, bitsPerSample: bits, samples: samples[0].length });
    expect(info.md5).toMatch(/^[0-9a-f]{32}$/);
    expect(decode(bytes)).toEqual(samples);
    expect(decode(bytes, { from: 150, to: 199 })).toEqual(samples.map((channel) => channel.slice(150, 199)));
  });

  const stream = fc.constantFrom(4, 8, 12, 16, 24).chain((bits) => {
    const sample = fc.oneof(
      fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }),
      fc.constantFrom(0, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
    );
    return fc.record(
      {
        bits: fc.constant(bits),
        channels: fc
          .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 8 }))
          .chain(([length, count]) => {
            const channel = fc.oneof(
              fc.array(sample, { minLength: length, maxLength: length }),
              sample.map((value) => Array<number>(length).fill(value)),
              fc.array(
                sample.map((value) => value - (value % 8)),
                { minLength: length, maxLength: length },
              ),
            );
            return fc.array(channel, { minLength: count, maxLength: count });
          }),
        block: fc.integer({ min: 16, max: 70 }),
        subframe: fc.constantFrom('constant' as const, 'verbatim' as const, 'fixed' as const, 'linear' as const),
        order: fc.integer({ min: 0, max: 4 }),
        rice: fc.constantFrom(bits, bits + 2, undefined),
        partitions: fc.integer({ min: 0, max: 4 }),
        stereo: fc.constantFrom('apart' as const, 'left-side' as const, 'side-right' as const, 'mid-side' as const),
        variable: fc.boolean(),
        anonymous: fc.boolean(),
      },
      { requiredKeys: ['bits', 'channels', 'rice'] }, // a small parameter takes a bit for each unit of a residual
    );
  });

  it('gives back what was written, however it was coded', () => {
    fc.assert(
      fc.property(stream, fc.nat(), fc.nat(), ({ stereo = 'apart', ...rest }, a, b) => {
        const source: FlacToWrite = { ...rest, stereo: rest.channels.length === 2 ? stereo : 'apart' };
        const [from, to] = [a, b].map((value) => value % (source.channels[0].length + 1)).sort((x, y) => x - y);
        const bytes = writeFlac(source);
        const { length } = source.channels[0];
        expect(decode(bytes, { to: length })).toEqual(source.channels);
        expect(decode(bytes, { from, to })).toEqual(source.channels.map((channel) => channel.slice(from, to)));
      }),
      { numRuns: 150 },
    );
  });

  const whole = writeFlac({
    channels: [Array.from({ length: 150 }, (_, i) => (i * i) % 101), Array(150).fill(7)],
    bits: 8,
  });

  it('finds every flipped bit of a frame, and any cut', () => {
    const { start } = flacInfo({ bytes: whole, where: WHERE });
    for (let at = start; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Uint8Array.from(whole);
        damaged[at] ^= 1 << bit;
        expect(() => decode(damaged), `byte ${at}, bit ${bit}`).toThrow(FormatError);
      }
    }
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(whole.slice(0, length)), `${length} bytes`).toThrow(FormatError);
    }
  });

  it('names the file, the frame and what is wrong with it', () => {
    const { start } = flacInfo({ bytes: whole, where: WHERE });
    const damaged = Uint8Array.from(whole);
    damaged[start] = 0;
    expect(() => decode(damaged)).toThrow(/r\.dat, record r: sync code of FLAC frame 0: expected 0x7ffc, got 0x/);
    expect(() => decode(Buffer.from('RIFF....'))).toThrow(
      /r\.dat, record r: FLAC signature: expected fLaC, got "RIFF"/,
    );
    expect(() => decode(whole, { to: 151 })).toThrow(/samples of the FLAC stream: expected 151, got 150/);
    expect(() => decode(whole.slice(0, -3))).toThrow(/bytes of FLAC frame 2: expected a whole frame/);
  });

  it('finds samples that were changed with their CRC by the MD5', () => {
    const channels = [Array.from({ length: 40 }, (_, i) => i)];
    const other = writeFlac({ channels: [channels[0].map((value) => value ^ 1)], bits: 8 });
    const { start } = flacInfo({ bytes: other, where: WHERE });
    const mixed = Buffer.concat([writeFlac({ channels, bits: 8 }).slice(0, start), other.slice(start)]);
    expect(() => decode(mixed)).toThrow(/MD5 of the FLAC stream/);
  });

  it('takes no memory for samples that so few bytes cannot hold', () => {
    const claim = Uint8Array.from(whole);
    claim.set([0xf0 | 0x0f, 0xff, 0xff, 0xff, 0xff], 21); // 36 bits of samples, all ones
    const info = flacInfo({ bytes: claim, where: WHERE });
    expect(info.samples).toBe(2 ** 36 - 1);
    expect(() => decode(claim)).toThrow(/samples of the FLAC stream/);
  });
});
