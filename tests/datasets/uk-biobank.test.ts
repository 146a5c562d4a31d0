import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardioSoftStrip } from '../../lib/datasets/cardiosoft-strip';
import { openUkBiobank } from '../../lib/datasets/uk-biobank';
import { ArgumentError, FormatError, KitError, MissingFileError, UnusableSignalError } from '../../lib/errors';
import { ukBiobankXml, writeUkBiobankXml } from '../../lib/io/write-uk-biobank-xml';
import { parseXml } from '../../lib/io/xml';
import { randomStream } from '../../lib/random';
import { peerPython } from '../peer-python';
import { zipBytes } from '../write-zip';

const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const random = randomStream(3, 'uk-biobank test');
const ADC = LEADS.map(() => Int16Array.from({ length: 5000 }, () => Math.round(200 * random.normal())));
const XML = ukBiobankXml({ fsHz: 500, leads: LEADS, adc: ADC });

function folderOf(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hybrid-ecg-uk-biobank-'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes, 'latin1');
  }
  return folder;
}

const archive = (name: string, xml = XML) => zipBytes([{ name, bytes: Buffer.from(xml, 'latin1') }]);
const ids = (path: string) =>
  openUkBiobank(path).rows.map(({ recordId, patientId, file }) => [recordId, patientId, file]);

describe('openUkBiobank', () => {
  it('reads an ECG in millivolts: the samples by the resolution', () => {
    const dataset = openUkBiobank(folderOf({ '1000017_20205_2_0.xml': XML }));
    const { signal, ...rest } = dataset.read(dataset.rows[0]);
    expect(rest).toEqual({
      dataset: 'uk-biobank',
      recordId: '1000017_20205_2_0',
      patientId: '1000017',
      fsHz: 500,
      leads: LEADS,
      samples: 5000,
      file: '1000017_20205_2_0.xml',
    });
    expect(signal).toEqual(
      Float32Array.from(
        ADC.flatMap((lead) => [...lead]),
        (value) => value * 0.005,
      ),
    );
    dataset.close?.();
  });

  it('finds the ECGs flat, in folders, each in an archive, and all in one, and sorts them', () => {
    const found = [
      ['999999_20205_2_0', '999999'],
      ['1000017_20205_2_0', '1000017'],
      ['1000017_20205_3_0', '1000017'],
      ['1000017_20205_3_1', '1000017'],
    ];
    const flat = folderOf(Object.fromEntries(found.map(([id]) => [`${id}.xml`, XML])));
    expect(ids(flat)).toEqual(found.map(([id, eid]) => [id, eid, `${id}.xml`]));
    const deep = folderOf({
      ...Object.fromEntries(found.map(([id]) => [`20205/${id.slice(0, 2)}/${id}.zip`, archive(`${id}.xml`)])),
      '20205/manifest.csv': 'eid\n',
      '20205/1000017_20205_3_0.txt': 'x',
      '20205/1000017_6025_0_0.xml': '<CardiologyXML/>', // the exercise test, another field
    });
    expect(ids(deep)).toEqual(found.map(([id, eid]) => [id, eid, `20205/${id.slice(0, 2)}/${id}.zip`]));
    const all = join(flat, 'all.zip');
    const entries = found.map(([id]) => ({ name: `bulk/${id}.zip`, bytes: archive(`${id}.xml`) }));
    writeFileSync(all, zipBytes(entries));
    expect(ids(all)).toEqual(found.map(([id, eid]) => [id, eid, `${id}.zip`]));
    for (const path of [deep, all]) {
      const dataset = openUkBiobank(path);
      for (const row of dataset.rows) expect(dataset.read(row).signal[7]).toBe(Math.fround(ADC[0][7] * 0.005));
      dataset.close?.();
    }
  });

  it('takes the document where it lies unpacked beside its archive', () => {
    const name = '1_20205_2_0';
    expect(ids(folderOf({ [`${name}.zip`]: archive('x.xml'), [`${name}.xml`]: XML }))[0][2]).toBe(`${name}.xml`);
    expect(ids(folderOf({ [`a/${name}.xml`]: XML, [`b/${name}.zip`]: archive('x.xml') }))[0][2]).toBe(`a/${name}.xml`);
    expect(() => ids(folderOf({ [`a/${name}.xml`]: XML, [`b/${name}.xml`]: XML }))).toThrow(
      /record 1_20205_2_0: ECG: expected each once, got 'a\/1_20205_2_0.xml' too/,
    );
  });

  it('reads Strip/StripData, other spellings of leads, other resolutions, wrapped lines', () => {
    const adc = [Int16Array.of(1, -2, 300), Int16Array.of(0, 7, -8)];
    const read = (xml: string) => {
      const dataset = openUkBiobank(folderOf({ '7_20205_2_0.xml': xml }));
      return dataset.read(dataset.rows[0]);
    };
    const source = { fsHz: 500, leads: ['I', 'AVR'], adc };
    const mv = [1, -2, 300, 0, 7, -8].map((value) => value * 0.005).map(Math.fround);
    expect([...read(ukBiobankXml({ ...source, strip: true })).signal]).toEqual(mv);
    expect(read(ukBiobankXml(source)).leads).toEqual(['I', 'AVR']);
    const half = read(ukBiobankXml({ ...source, uvPerLsb: 2.5 })).signal;
    expect([...half]).toEqual([1, -2, 300, 0, 7, -8].map((value) => Math.fround(value * 0.0025)));
    const wrapped = ukBiobankXml(source).replace('1,-2,300', ' 1,\n\t\t-2 , +300,\n');
    expect([...read(wrapped).signal]).toEqual(mv);
    const millivolts = ukBiobankXml(source).replace('"uVperLsb">5', '"mVperLsb">0.005');
    expect([...read(millivolts).signal]).toEqual(mv);
    const decimal = ukBiobankXml(source).replace('1,-2,300', '1.0,-2.50,300');
    expect([...read(decimal).signal].slice(0, 3)).toEqual([0.005, -0.0125, 1.5].map(Math.fround));
    const other = ukBiobankXml(source).replace('RestECG', 'Mus\xe9e &amp; <b/>');
    expect([...read(other).signal]).toEqual(mv);
  });

  it('reads the twelve leads, whatever else there is', () => {
    const read = (xml: string) => {
      const dataset = openUkBiobank(folderOf({ '7_20205_2_0.xml': xml }));
      return dataset.read(dataset.rows[0]);
    };
    const due = read(XML).signal;
    const extra = (lead: string, values: string) =>
      XML.replace('</StripData>', `<WaveformData${lead}>${values}</WaveformData></StripData>`);
    for (const xml of [
      extra(' lead="Resp"', '1,2'),
      extra(' lead="V7"', 'x'),
      extra('', ''),
      extra(' lead="Resp"', ''),
    ]) {
      const { signal, leads, otherSignals } = read(xml);
      expect(leads).toEqual(LEADS);
      expect(otherSignals).toHaveLength(1);
      expect(signal).toEqual(due);
    }
    expect(read(extra(' lead="lead ii"', ADC[1].join())).leads).toHaveLength(13);
    const differs = extra(' lead="lead ii"', ADC[2].join());
    expect(() => read(differs)).toThrow(UnusableSignalError);
    expect(() => read(differs)).toThrow(
      /lead lead ii: WaveformData: expected each lead once, got II twice, and the two differ/,
    );
    for (const unit of ['UVPERLSB', '\u00b5VperLsb', 'microvoltsPerLsb']) {
      expect(read(XML.replace('uVperLsb', unit)).signal).toEqual(due);
    }
    expect(() => read(XML.replace('uVperLsb', 'mmHgperLsb'))).toThrow(UnusableSignalError);
    expect(read(XML.replace('>500<', '>500.0<')).fsHz).toBe(500);
  });

  it.each<[string, string, RegExp]>([
    ['is cut', XML.slice(0, -2000), /well-formed/],
    ['has no strip', '<CardiologyXML/>', /XML: expected StripData, or Strip\/StripData, got none in CardiologyXML/],
    ['has no rate', XML.replaceAll('SampleRate', 'Rate'), /SampleRate: expected one, got none/],
    ['has a rate of nothing', XML.replace('>500<', '>0<'), /SampleRate: expected a number > 0, got '0'/],
    ['has no count', XML.replaceAll('ChannelSampleCountTotal', 'X'), /ChannelSampleCountTotal: expected one/],
    ['has half a sample', XML.replace('>5000<', '>4999.5<'), /ChannelSampleCountTotal: expected a whole number/],
    ['claims more samples', XML.replace('>5000<', '>5001<'), /lead I: samples: expected 5001, got 5000/],
    [
      'claims a billion samples',
      XML.replace('>5000<', '>999999999<'),
      /lead I: samples: expected 999999999, got fewer/,
    ],
    ['has more samples', XML.replace('>5000<', '>4999<'), /lead I: samples: expected 4999, got more/],
    ['lacks a lead that it counts', XML.replace(/<WaveformData lead="V6">[^<]*<\/WaveformData>/, ''), /NumberOfLeads/],
    ['has a lead twice', XML.replace('"aVR"', '"Ii"'), /lead Ii: WaveformData: expected each lead once/],
    ['has a lead without a name', XML.replace(' lead="V6"', ''), /expected the name of a lead/],
    ['has no leads', XML.replaceAll('WaveformData', 'Data'), /WaveformData: expected one a lead/],
    ['has no unit', XML.replace(' units="uVperLsb"', ''), /units of Resolution: expected uVperLsb or mVperLsb, got ''/],
    ['has another unit', XML.replace('uVperLsb', 'VperLsb'), /got 'VperLsb'/],
    ['has a unit that objects have', XML.replace('uVperLsb', 'toString'), /got 'toString'/],
    ['has no resolution', XML.replace('>5<', '><'), /Resolution: expected a number > 0, got ''/],
    ['has text for a sample', XML.replace(/,-?\d+,/, ',12x,'), /lead I, key 1: sample: expected a number, got '12x,/],
    ['lacks a sample between two', XML.replace(/,-?\d+,/, ',,'), /lead I, key 1: sample: expected a number, got ',/],
    ['is another document', '<html><body/></html>', /none in html/],
  ])('says what is wrong when a document %s', (_, xml, message) => {
    const dataset = openUkBiobank(folderOf({ '7_20205_2_0.xml': xml }));
    expect(() => dataset.read(dataset.rows[0])).toThrow(FormatError);
    expect(() => dataset.read(dataset.rows[0])).toThrow(message);
    expect(() => dataset.read(dataset.rows[0])).toThrow(/7_20205_2_0\.xml/);
  });

  it('says what is wrong with an archive, and that there are no ECGs', () => {
    const readOne = (bytes: Buffer) => {
      const dataset = openUkBiobank(folderOf({ '7_20205_2_0.zip': bytes }));
      return dataset.read(dataset.rows[0]);
    };
    expect(
      readOne(
        zipBytes([
          { name: '7_20205_2_0.xml', bytes: Buffer.from(XML, 'latin1') },
          { name: 'other.xml', bytes: Buffer.from('<a/>') },
        ]),
      ).samples,
    ).toBe(5000);
    expect(() => readOne(zipBytes([{ name: 'x.txt', bytes: Buffer.from('') }]))).toThrow(
      /7_20205_2_0\.zip, record 7_20205_2_0: archive of an ECG: expected 7_20205_2_0\.xml, got none/,
    );
    expect(() => readOne(Buffer.from('PK no'))).toThrow(FormatError);
    expect(() => openUkBiobank(folderOf({ 'x.xml': XML }))).toThrow(MissingFileError);
    expect(() => openUkBiobank('/nowhere')).toThrow(MissingFileError);
  });

  it('inflates no document that is larger than any ECG’s', () => {
    const large = zipBytes([{ name: '7_20205_2_0.xml', bytes: randomBytes(70_000), claims: { size: 2 ** 26 + 1 } }]);
    const all = folderOf({ 'all.zip': large });
    for (const path of [folderOf({ '7_20205_2_0.zip': large }), join(all, 'all.zip')]) {
      const dataset = openUkBiobank(path);
      const message = /record 7_20205_2_0: XML: expected at most 67108864 bytes, got 67108865/;
      expect(() => dataset.read(dataset.rows[0])).toThrow(FormatError);
      expect(() => dataset.read(dataset.rows[0])).toThrow(message);
      dataset.close?.();
    }
  });

  it('gives an ECG or a typed error for documents with any field or byte changed (10,000 cases)', () => {
    const small = ukBiobankXml({
      fsHz: 500,
      leads: ['I', 'II'],
      adc: [Int16Array.of(1, -2, 3), Int16Array.of(4, 5, 6)],
    });
    const value = fc.oneof(
      fc.constantFrom('', '-1', '0', '1e9', 'NaN', 'Infinity', '99999999999', '0x10', ' 3 ', '3.0', '1,2,3', '<b/>'),
      fc.string({ maxLength: 8 }),
    );
    const field = fc
      .tuple(fc.constantFrom('>500<', '>3<', '>2<', '>5<', 'lead="I"', 'uVperLsb', '1,-2,3', 'StripData'), value)
      .map(([old, text]) => small.replace(old, old[0] === '>' ? `>${text}<` : text));
    const bytes = fc
      .array(fc.tuple(fc.nat(small.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const changed = Buffer.from(small, 'latin1');
        for (const [at, byte] of changes) changed[at] = byte;
        return changed.toString('latin1');
      });
    const cut = fc.nat(small.length - 1).map((length) => small.slice(0, length));
    const where = { file: 'a.xml', record: '7' };
    fc.assert(
      fc.property(fc.oneof(field, bytes, cut), (xml) => {
        try {
          const strip = cardioSoftStrip(parseXml(Buffer.from(xml, 'latin1'), where), where);
          expect(strip.signal.length).toBe(strip.leads.length * strip.samples);
          expect(strip.signal.length).toBeLessThan(xml.length);
          expect(strip.signal.every(Number.isFinite)).toBe(true);
        } catch (fault) {
          if (!(fault instanceof KitError)) throw fault;
          expect(fault.where.file).toBe('a.xml');
        }
      }),
      { numRuns: 10_000 },
    );
  });

  const python = peerPython('xml.etree.ElementTree');
  it.skipIf(python === undefined)('agrees with what Python reads from the document (skipped without Python)', () => {
    const folder = folderOf({ '7_20205_2_0.xml': XML.replace('>5<', '>4.88<') });
    const code = `
import json, sys, xml.etree.ElementTree as tree
strip = tree.parse(sys.argv[1]).getroot().find('StripData')
step = float(strip.find('Resolution').text) / 1000
leads = strip.findall('WaveformData')
print(json.dumps([[lead.get('lead') for lead in leads], [int(v) * step for lead in leads for v in lead.text.split(',')]]))
`;
    const printed = execFileSync(python!, ['-c', code, join(folder, '7_20205_2_0.xml')], { maxBuffer: 1 << 26 });
    const [leads, values] = JSON.parse(printed.toString()) as [string[], number[]];
    const dataset = openUkBiobank(folder);
    const record = dataset.read(dataset.rows[0]);
    expect(record.leads).toEqual(leads);
    expect(record.signal.length).toBe(values.length);
    const off = record.signal.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i])), 0);
    expect(off).toBeLessThan(1e-6);
  });
});

describe('ukBiobankXml', () => {
  it('refuses leads that differ, and names that are no names', () => {
    const adc = [Int16Array.of(1, 2), Int16Array.of(1)];
    expect(() => ukBiobankXml({ fsHz: 500, leads: ['I', 'II'], adc })).toThrow(ArgumentError);
    expect(() => ukBiobankXml({ fsHz: 500, leads: ['"'], adc: [adc[0]] })).toThrow(ArgumentError);
    const path = join(folderOf({}), 'deep/7_20205_2_0.xml');
    writeUkBiobankXml(path, { fsHz: 500, leads: ['I'], adc: [adc[0]] });
    expect(openUkBiobank(dirname(path)).rows).toHaveLength(1);
  });
});
