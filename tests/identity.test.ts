import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '../lib/errors';
import { isMissing, numberGroups, readIdentity, rowsOfGroups, wholeId } from '../lib/identity';
import { peerPython } from './peer-python';

const read = (text: string) => readIdentity('patient_id', text, { file: 'x.csv', row: 3 });

describe('readIdentity', () => {
  it.each([
    ['nan', 'NaN', '-nan', 'NaT', '<NA>', 'None', 'NULL', 'null', '#N/A', 'N/A', 'n/a', '#NA', 'NA_character_'],
    ['#REF!', '#VALUE!', '#DIV/0!', '#NAME?', '#NUM!', '1.#IND', '-1.#QNAN', 'inf', '-Infinity', '(null)', '\\N'],
    ['', ' ', '-', '--', '.', '?', '#', '########', '-1', '-1.0', '-9', '-99', '-999.0', 'undefined', 'Unknown'],
  ])('refuses what says that it is missing: %s, %s, %s ...', (...texts) => {
    for (const text of texts) {
      expect(isMissing(text), text).toBe(true);
      expect(() => read(text), text).toThrow(FormatError);
      expect(() => read(text), text).toThrow(
        /^x.csv, row 3: patient_id: expected an id, got '.*', a missing one: where/,
      );
    }
  });

  it.each<[string, string[], RegExp]>([
    [
      'rounded',
      ['1.23457E+11', '1,23457E+11', '1E+11', '1.5e10', '1.2345678901234568e+17', '-2e+05'],
      /saved as text, got '.*', a rounded number/,
    ],
    [
      'made a date',
      ['4-Mar', 'Mar-04', '04-Mar-2021', '3/4/2021', '03/04/21', '2021-03-04', '2021-03-04 00:00:00', '03.04.2021'],
      /saved as text, got '.*', a date/,
    ],
    ['held as a float', ['12345678901234567.0', '9007199254740994.'], /more digits than a float holds/],
    ['saved with letters lost', ['M\ufffdller', '\ufffd1'], /got '.*', of which a letter was lost/],
    ['with something that nobody sees', ['a\u200bb', 'a\rb', 'p\0', 'a\u00adb'], /expected visible characters/],
  ])('refuses an id that was %s', (_, texts, message) => {
    for (const text of texts) {
      expect(() => read(text), text).toThrow(FormatError);
      expect(() => read(text), text).toThrow(message);
    }
  });

  it.each([
    ['00123', '00123'],
    ['123', '123'],
    [' 123.0 ', '123'],
    ['123.', '123'],
    ['00123.0', '00123'],
    ['12345678901234567890', '12345678901234567890'],
    ['Mu\u0308ller', 'Müller'],
    ['12e4', '12e4'], // a hash may look so
    ['9e107d9d372bb6826bd81d3542a419d6', '9e107d9d372bb6826bd81d3542a419d6'],
    ['1.25', '1.25'],
    ['-123', '-123'],
    ['1001-02-03', '1001-02-03'], // site, block, patient
    ['Nanna', 'Nanna'],
    ['p-1', 'p-1'],
    ['MAR-04', 'MAR-04'], // a site's patient
    ['Marc-04', 'Marc-04'],
    ['中村', '中村'],
  ])('keeps %s as %s', (text, id) => {
    expect(read(text)).toBe(id);
    expect(read(id)).toBe(id);
  });

  it('keeps any id of letters and digits that has a letter before its number', () => {
    fc.assert(fc.property(fc.nat(), (n) => read(`p${n}`) === `p${n}`));
  });

  const python = peerPython('pandas');
  it.skipIf(python === undefined)('knows all that pandas takes for missing (skipped without pandas)', () => {
    const code =
      'import json, pandas; from pandas._libs.parsers import STR_NA_VALUES; print(json.dumps(sorted(STR_NA_VALUES)))';
    const texts = JSON.parse(execFileSync(python!, ['-c', code], { encoding: 'utf8' })) as string[];
    expect(texts.length).toBeGreaterThan(15);
    for (const text of texts) expect(isMissing(text), text).toBe(true);
  });
});

describe('wholeId', () => {
  it.each([
    ['7', '7'],
    ['15709.0', '15709'],
    [' 0 ', '0'],
  ])('reads %s as %s', (text, id) => expect(wholeId('exam_id', text, {})).toBe(id));

  it.each([
    ['nan', /exam_id: expected a whole number, got 'nan', a missing one/],
    ['1.23457E+11', /got '1.23457E\+11', a rounded number/],
    ['2021-03-04', /a date/],
    ['007', /got '007'$/],
    ['1234567890123456', /got '1234567890123456'$/],
  ])('refuses %s', (text, message) => expect(() => wholeId('exam_id', text, {})).toThrow(message));
});

describe('groups', () => {
  it('are numbered as they come, two spellings of one id alike', () => {
    expect([...numberGroups(['b', 'a', 'b', '12.0', 12, ' 12', '012'])]).toEqual([0, 1, 0, 2, 2, 2, 3]);
    expect(rowsOfGroups(['b', 'a', 'b'])).toEqual([[0, 2], [1]]);
    expect(rowsOfGroups([])).toEqual([]);
  });

  it.each([
    ['nan', "group: expected an id, got 'nan', a missing one"],
    [Number.NaN, "got 'NaN', a missing one"],
    [Number.POSITIVE_INFINITY, "got 'Infinity', a missing one"],
    [undefined, "got '', a missing one"],
    [null, "got '', a missing one"],
    ['', "got '', a missing one"],
    [-1, "got '-1', a missing one"],
    [2 ** 53, 'more digits than a float holds'],
    ['1E+11', 'a rounded number'],
  ])('of which one is %s are refused, with its row', (group, message) => {
    const call = () => numberGroups(['a', 'b', group as string]);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(/^row 2: group: /);
    expect(call).toThrow(message);
  });
});
