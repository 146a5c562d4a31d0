import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listedFiles } from '../../data-scripts/verify/checksum-list';
import { cardioSoftStrip } from '../../lib/datasets/cardiosoft-strip';
import { parseScpCodes } from '../../lib/datasets/scp-codes';
import { FormatError } from '../../lib/errors';
import { bufferSource } from '../../lib/io/byte-source';
import { parseCsv, readCsv } from '../../lib/io/csv';
import { readNpy } from '../../lib/io/npy';
import { parsePythonLiteral } from '../../lib/io/python-literal';
import { readSafetensors } from '../../lib/io/safetensors';
import { readWfdbRecord } from '../../lib/io/wfdb';
import { parseWfdbHeader } from '../../lib/io/wfdb-header';
import { parseXml } from '../../lib/io/xml';
import { zipTree } from '../../lib/io/zip-tree';
import { expectLinear } from '../expect-linear';
import { memoryTree } from '../memory-tree';
import { zipBytes } from '../write-zip';
import { npyFile, safetensorsFile } from './hostile-files';

const folder = mkdtempSync(join(tmpdir(), 'linear-'));
const place = () => ({ file: 'r.hea', record: 'r' });
const where = { file: 'f' };

/** Readers of a text, and the beginnings after which a hostile file repeats something. */
const READERS: Readonly<Record<string, { readonly read: (text: string) => unknown; readonly openings: string[] }>> = {
  'a WFDB header': {
    read: (text) => parseWfdbHeader(text, place),
    openings: [
      ...['', 'r ', 'r/', 'r 1 ', 'r 1 1/', 'r 1 1/1(', 'r 1 1.', 'r 1 1e', 'r 1 100 ', 'r 1 100 1\nr.dat ', '#'],
      ...['16 ', '16 1(', '16 1/', '16 1.', '16 1 1 1 1 1 1 1 '].map((fields) => `r 1 100 1\nr.dat ${fields}`),
    ],
  },
  'an XML document': {
    read: (text) => parseXml(Buffer.from(text)),
    openings: ['', '<r>', '<r ', '<r b="', '<!DOCTYPE r ', '<?xml ', '<!--', '<![CDATA['],
  },
  'a CSV table': { read: (text) => parseCsv(text), openings: ['', 'a,b\n', 'a\n"', '"'] },
  'a CSV file': {
    read: (text) => {
      writeFileSync(join(folder, 'a.csv'), text);
      return readCsv(join(folder, 'a.csv'));
    },
    openings: ['', 'a\n'],
  },
  'a Python literal': { read: parsePythonLiteral, openings: ['', '[', '{', "'", "{'a': ", '1', '1.'] },
  'a cell of scp_codes': { read: (text) => parseScpCodes(text, where), openings: ['', "{'"] },
  'the header of a .npy file': {
    read: (text) => readNpy(npyFile(folder, text.slice(0, 65_000))),
    openings: ['', "{'descr': '", "{'shape': ("],
  },
  'the header of a safetensors file': {
    read: (text) => readSafetensors(safetensorsFile(folder, text)),
    openings: ['', '{"', '{"a":'],
  },
  'a list of SHA-256': {
    read: (text) => [...listedFiles(Buffer.from(text), { file: 'f' })],
    openings: ['', '0'.repeat(64), `${'0'.repeat(64)} `],
  },
};

const PUMPS = [
  ...'0x \t\n\r.+-/(<>&"\'[{,:\\_#=',
  ...['<a>', '</a>', '<a ', ' b="c"', '<!--', '<![CDATA[', '<!DOCTYPE', '<?', '&amp;', '&#65;', ']]>', '\r\n'],
  ...["'a':1,", '"a":1,', '1,', '0.', '1e', '1_', 'r.dat 16 0\n', '~ 5\n', '# \n', '\u2028', '\u00a0'],
];

describe.each(Object.entries(READERS))('%s takes time in proportion to its length', (_, { read, openings }) => {
  it.each(openings.map((opening) => [JSON.stringify(opening), opening]))('after %s', (_name, opening) => {
    for (const pump of PUMPS) {
      for (const end of ['', 'x', '\r\r']) {
        expectLinear((size) => {
          const text = opening + pump.repeat(Math.ceil(size / pump.length)) + end;
          return () => read(text);
        });
      }
    }
  });
});

/** A record of many signals, each in a file of its own or all in one, or one of segments. */
function manySignals(count: number, file: (signal: number) => string): Record<string, Uint8Array> {
  const lines = Array.from({ length: count }, (_, i) => `${file(i)} 16 200 16 0 0 0 0 L${i}`);
  const files = Object.fromEntries(Array.from({ length: count }, (_, i) => [file(i), Buffer.alloc(2)]));
  files[file(0)] = Buffer.alloc(file(0) === file(1) ? 2 * count : 2);
  return { ...files, 's.hea': Buffer.from(`s ${count} 100 1\n${lines.join('\n')}\n`) };
}

describe('what grows with the number of parts takes time in proportion to it', () => {
  it.each<[string, (count: number) => () => unknown]>([
    [
      'columns of a CSV table',
      (count) => {
        const text = `${Array.from({ length: count }, (_, i) => `c${i}`).join(',')}\n`;
        return () => parseCsv(text);
      },
    ],
    [
      'signals of a WFDB record, each in a file of its own',
      (count) => {
        const files = memoryTree(manySignals(count, (i) => `${i}.dat`));
        return () => expect(readWfdbRecord('s', { files }).leads).toHaveLength(count);
      },
    ],
    [
      'signals of a WFDB record of variable layout, in another order than its layout',
      (count) => {
        const names = Array.from({ length: count }, (_, i) => `L${i}`);
        const layout = names.map((name) => `~ 0 200/mV 16 0 0 0 0 ${name}`).reverse();
        const files = memoryTree({
          ...manySignals(count, () => 's.dat'),
          'r.hea': Buffer.from(`r/2 ${count} 100 1\nl 0\ns 1\n`),
          'l.hea': Buffer.from(`l ${count} 100 0\n${layout.join('\n')}\n`),
        });
        return () => expect(readWfdbRecord('r', { files }).leads).toHaveLength(count);
      },
    ],
    [
      'waveforms of a CardioSoft document',
      (count) => {
        const leaf = (name: string, text: string, attributes = {}) => ({ name, text, attributes, children: [] });
        const waveforms = Array.from({ length: count }, (_, i) => leaf('WaveformData', '1', { lead: `L${i}` }));
        const children = [
          leaf('SampleRate', '500'),
          leaf('ChannelSampleCountTotal', '1'),
          leaf('Resolution', '5', { units: 'uVperLsb' }),
          ...waveforms,
        ];
        const strip = { name: 'StripData', text: '', attributes: {}, children };
        const root = { name: 'CardiologyXML', text: '', attributes: {}, children: [strip] };
        return () => expect(cardioSoftStrip(root, where).leads).toEqual([]); // none is one of the twelve
      },
    ],
    [
      'arrays of a safetensors file',
      (count) => {
        const entry = { dtype: 'U8', shape: [0], data_offsets: [0, 0] };
        const header = JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, entry])));
        return () => readSafetensors(safetensorsFile(folder, header));
      },
    ],
    [
      'files of a zip archive',
      (count) => {
        const name = (i: number) => `${i % 2}/a/b/c/${i}`;
        const zip = zipBytes(Array.from({ length: count / 2 }, (_, i) => ({ name: name(i), bytes: Buffer.alloc(0) })));
        return () => zipTree(bufferSource(zip, 'a.zip'));
      },
    ],
  ])('%s', (_, make) => {
    make(10)(); // it is read, not refused
    expectLinear(make, 20_000);
  });
});

it('a name of many folders in a zip archive is refused: each of them would be looked up', () => {
  const deep = 'a/'.repeat(30_000);
  const zip = zipBytes(['x', 'y', 'z'].map((name) => ({ name: `${deep}${name}`, bytes: Buffer.alloc(0) })));
  expect(() => zipTree(bufferSource(zip, 'a.zip'))).toThrow(FormatError);
  expect(() => zipTree(bufferSource(zip, 'a.zip'))).toThrow(/name in the archive: expected at most 4096 characters/);
});

it('a literal nested a hundred thousand levels deep is refused, not an overflow of the stack', () => {
  for (const open of ['[', '(', '{', "{'a': "]) {
    expect(() => parsePythonLiteral(open.repeat(100_000))).toThrow(FormatError);
  }
  expect(() => parsePythonLiteral(`${'['.repeat(32)}1${']'.repeat(32)}`)).not.toThrow();
});
