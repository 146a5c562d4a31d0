import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../lib/errors';
import { childOf, parseXml } from '../../lib/io/xml';

const parse = (text: string, encoding: BufferEncoding = 'utf8') =>
  parseXml(Buffer.from(text, encoding), { file: 'a.xml' });

describe('parseXml', () => {
  it('gives elements with attributes, text and children in order', () => {
    const root = parse(
      '<?xml version="1.0"?>\n<!-- c --><a x="1 &lt; 2" y=\'&#x42;\'>\n one <b>1.0</b> two<b/><c><![CDATA[a<&lt;]]></c> &amp;&#65;</a>\n',
    );
    expect(root).toEqual({
      name: 'a',
      attributes: { x: '1 < 2', y: 'B' },
      text: expect.stringMatching(/^one\s+two\s+&A$/),
      children: [
        { name: 'b', attributes: {}, text: '1.0', children: [] },
        { name: 'b', attributes: {}, text: '', children: [] },
        { name: 'c', attributes: {}, text: 'a<&lt;', children: [] },
      ],
    });
    expect(childOf(root, 'b')?.text).toBe('1.0');
    expect(childOf(root, 'd')).toBeUndefined();
  });

  it.each(['ISO-8859-1', 'ISO8859-1', 'iso-8859-1', 'latin1', 'windows-1252'])('reads %s', (encoding) => {
    expect(parse(`<?xml version='1.0' encoding='${encoding}' ?><a n="é">µV</a>`, 'latin1')).toMatchObject({
      attributes: { n: 'é' },
      text: 'µV',
    });
  });

  it('reads the letters and signs of Windows-1252, and names the place of bytes that are no UTF-8', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="windows-1252"?><a>\x80 \x8a\xfc</a>', 'latin1');
    expect(parseXml(bytes).text).toBe('€ Šü');
    const utf8 = Buffer.from('<?xml version="1.0" encoding="utf-8"?>\n<a>M\xfcller</a>', 'latin1');
    expect(() => parseXml(utf8, { file: 'a.xml' })).toThrow(/^a\.xml, line 2, column 5: encoding: .* byte 0xfc/);
    expect(() => parseXml(Buffer.from('<a/>', 'utf16le'))).toThrow(/got UTF-16LE without a byte order mark/);
  });

  it.each(['', '<?xml version="1.0" encoding="UTF-8"?>', '\ufeff<?xml version="1.0" encoding="utf-8"?>'])(
    'reads UTF-8 declared by "%s"',
    (declaration) => {
      expect(parse(`${declaration}<a>µV 中</a>`).text).toBe('µV 中');
    },
  );

  it.each<[string, Buffer | string, RegExp]>([
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>', /encoding: expected UTF-8 or ISO.*got UTF-16/],
    ['a mark of UTF-16', Buffer.from('\ufeff<a/>', 'utf16le'), /encoding: expected UTF-8 or ISO-8859-1, got UTF-16/],
    ['bytes that are no UTF-8', Buffer.from('<a>\xb5V</a>', 'latin1'), /encoding: expected UTF-8/],
    ['nothing', '', /well-formed/],
    ['text', 'ecg_id,patient_id', /well-formed/],
    ['a cut document', '<a><b>1,2,3', /well-formed/],
    ['elements that cross', '<a><b></a></b>', /line 1: XML: .* closing tag/],
    ['an attribute twice', '<a b="1" b="2"/>', /repeated/],
    ['two roots', '<a/><b/>', /expected one root element, got 2/],
    ['nesting without end', '<a>'.repeat(100) + '</a>'.repeat(100), /nested/],
    ['deep nesting that is cut', '<a>'.repeat(100_000), /well-formed/],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /no document type of its own/],
    ['a file for an entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]><a>&x;</a>', /no document type/],
    [
      'a billion laughs',
      `<!DOCTYPE a [<!ENTITY l0 "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`).join('')}]><a>&l30;</a>`,
      /no document type of its own/,
    ],
    ['a name that JavaScript keeps to itself', '<__proto__ x="1"/>', /well-formed/],
  ])('refuses %s', (_, document, message) => {
    const bytes = typeof document === 'string' ? Buffer.from(document) : document;
    expect(() => parseXml(bytes, { file: 'a.xml' })).toThrow(FormatError);
    expect(() => parseXml(bytes, { file: 'a.xml' })).toThrow(message);
    expect(() => parseXml(bytes, { file: 'a.xml' })).toThrow(/^a\.xml/);
  });

  it('refuses what is larger than allowed', () => {
    expect(() => parseXml(Buffer.from('<a>1</a>'), { maxBytes: 7 })).toThrow(/XML: expected at most 7 bytes, got 8/);
  });

  it('gives an element or a typed error, whatever it is given, and soon (10,000 cases)', () => {
    const word = fc.constantFrom(
      ...[
        '<a>',
        '</a>',
        '<a',
        '/>',
        '<b x="1">',
        "y='2'",
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?xml',
        '?>',
        '&',
        '&lt;',
      ],
      ...[
        '&#9;',
        '&#x110000;',
        ';',
        '"',
        '<!DOCTYPE a>',
        '<!ENTITY',
        '>',
        '<',
        'é',
        '\0',
        '\ud800',
        'encoding="x"',
        ' ',
        '1,2',
      ],
    );
    const document = fc.oneof(
      fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
      fc.array(word, { maxLength: 20 }).map((words) => `<r>${words.join('')}</r>`),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    let parsed = 0;
    const start = performance.now();
    fc.assert(
      fc.property(document, (text) => {
        try {
          expect(parse(text).name).not.toBe('');
          parsed++;
        } catch (fault) {
          if (!(fault instanceof FormatError)) throw fault;
        }
      }),
      { numRuns: 10_000 },
    );
    expect(parsed).toBeGreaterThan(100);
    expect(performance.now() - start).toBeLessThan(60_000);
  });

  it.each(['<a>', '<a ', '<a b="', '</a>', '<!--', '<![CDATA[', '&', '<a/>', '<a></a>', '<?x', ' '])(
    'takes no more than linear time for "%s" over and over',
    (piece) => {
      const time = (count: number) => {
        const bytes = Buffer.from(`<r>${piece.repeat(count)}`);
        const start = performance.now();
        expect(() => parseXml(bytes)).toThrow(FormatError);
        return performance.now() - start;
      };
      time(1000);
      expect(time(80_000)).toBeLessThan(50 * time(8000) + 500);
    },
  );
});
