import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../lib/errors';
import { parsePythonLiteral } from '../../lib/io/python-literal';
import { peerPython } from '../peer-python';

describe('parsePythonLiteral', () => {
  it.each([
    ["{'NORM': 100.0, 'LVOLT': 0.0, 'SR': 0.0}", { NORM: 100, LVOLT: 0, SR: 0 }],
    [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (500, 12, 2500), }",
      { descr: '<f4', fortran_order: false, shape: [500, 12, 2500] },
    ],
    ['{}', {}],
    ['[1, -2.5, 1e3, .5, 7.]', [1, -2.5, 1000, 0.5, 7]],
    ['(3,)', [3]],
    ['(3)', 3],
    ['()', []],
    ['None', null],
    ["{'a': True, \"it's\": [None]}", { a: true, "it's": [null] }],
    ["'tab\\t quote\\' end'", "tab\t quote' end"],
  ])('reads %s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  it.each(['', '{', "{'a' 1}", "{'a': 1", '[1 2]', "'open", "{'a': f()}", '1 2', '{[1]: 2}', "{'NORM': 100.0}, x"])(
    'refuses %s',
    (text) => {
      expect(() => parsePythonLiteral(text)).toThrow(FormatError);
    },
  );

  it('never throws anything but a FormatError', () => {
    const symbol = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ',',
      ':',
      "'",
      '"',
      '\\',
      '1',
      '.',
      'e',
      '-',
      'None',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 12 }), (symbols) => {
        try {
          parsePythonLiteral(symbols.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });

  const python = peerPython('json');
  it.skipIf(python === undefined)('reads what Python writes (skipped without a Python)', () => {
    const leaf = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.string(),
      fc.constant(null),
    );
    const dict = fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), {
      noNullPrototype: true,
    });
    const values = fc.sample(dict, { numRuns: 100, seed: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
    const code = 'import json,sys; print(json.dumps([repr(v) for v in json.load(sys.stdin)]))';
    const texts = JSON.parse(execFileSync(python!, ['-c', code], { input: JSON.stringify(values), encoding: 'utf8' }));
    values.forEach((value, i) => {
      expect(parsePythonLiteral(texts[i])).toEqual(value);
    });
  });
});
