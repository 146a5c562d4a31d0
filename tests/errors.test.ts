import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { say } from '../data-scripts/commands/say';
import { progressLine } from '../data-scripts/progress-line';
import { reportFault } from '../data-scripts/report-fault';
import { FormatError, KitError, printable } from '../lib/errors';
import { readCsv } from '../lib/io/csv';
import { readSafetensors } from '../lib/io/safetensors';
import { readWfdbRecord } from '../lib/io/wfdb';
import { receivedFault, sentFault } from '../lib/sent-fault';
import { writeStore } from '../lib/store/write-store';
import { safetensorsFile } from './io/hostile-files';
import { exampleDataset } from './store/example-dataset';

/** Clears the screen, sets the title of the window (with C1 controls too), goes back, reverses the text. */
const HOSTILE = '\u001b[2J\u001b]0;x\u0007\u009b31m\r\u0008\u007f\u202eknat\u2066';
const LEFT = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const place = () => mkdtempSync(join(tmpdir(), 'errors-'));

function faultOf(act: () => unknown): KitError {
  try {
    act();
  } catch (fault) {
    return fault as KitError;
  }
  throw new Error('nothing was thrown');
}

afterEach(() => vi.restoreAllMocks());

describe('printable', () => {
  it('writes controls and marks of direction as escapes, and leaves text and line ends', () => {
    expect(printable(`a${HOSTILE}b`)).toBe(
      'a\\u001b[2J\\u001b]0;x\\u0007\\u009b31m\\u000d\\u0008\\u007f\\u202eknat\\u2066b',
    );
    expect(printable('Dvořák, µV\n\tλ 心电图 🫀')).toBe('Dvořák, µV\n\tλ 心电图 🫀');
  });

  it('leaves no control in any text, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(LEFT);
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });
});

describe('the message of an error of the kit has no controls of a file', () => {
  it('in what, expected, actual or where; its fields hold what was found', () => {
    const fault = new FormatError(`unit ${HOSTILE}`, {
      expected: HOSTILE,
      actual: HOSTILE,
      where: { file: HOSTILE, lead: HOSTILE, key: HOSTILE },
    });
    expect(fault.message).not.toMatch(LEFT);
    expect(fault.stack).not.toMatch(LEFT);
    expect(fault.message).toContain('unit \\u001b[2J');
    expect(fault.actual).toBe(HOSTILE);
    expect(receivedFault(sentFault(fault)).message).toBe(fault.message);
  });

  it.each<[string, (folder: string) => unknown]>([
    [
      'of a WFDB header',
      (folder) => {
        writeFileSync(join(folder, 'r.hea'), `r 1 100 1\nr.dat ${HOSTILE.replace('\r', '')} 200 16 0 0 0 0 I\n`);
        return readWfdbRecord(join(folder, 'r'));
      },
    ],
    [
      'of a CSV header',
      (folder) => {
        writeFileSync(join(folder, 'a.csv'), `a,${HOSTILE.replace('\r', '')}\n1,2\n`);
        return readCsv(join(folder, 'a.csv'), { columns: ['b'] });
      },
    ],
    [
      'of a safetensors header',
      (folder) => readSafetensors(safetensorsFile(folder, JSON.stringify({ [HOSTILE]: { dtype: HOSTILE } }))),
    ],
  ])('%s', (_, read) => {
    const fault = faultOf(() => read(place()));
    expect(fault).toBeInstanceOf(KitError);
    expect(fault.message).toContain('\\u001b[2J');
    expect(fault.message).not.toMatch(LEFT);
  });
});

it('rejected.csv has no controls of a header, nor of the names in the publisher’s table', async () => {
  const dataset = exampleDataset(4);
  const rows = dataset.rows.map((row, i) => (i === 0 ? { ...row, recordId: HOSTILE, patientId: HOSTILE } : row));
  const read: typeof dataset.read = (row) => {
    const record = dataset.read(row.recordId === HOSTILE ? dataset.rows[0] : row);
    return row.recordId === HOSTILE ? { ...record, leads: record.leads.map(() => HOSTILE) } : record;
  };
  const folder = place();
  await writeStore(folder, { ...dataset, rows, read }, { workers: 1 });
  const text = readFileSync(join(folder, 'rejected.csv'), 'utf8');
  expect(text).not.toMatch(LEFT);
  expect(readCsv(join(folder, 'rejected.csv'))).toMatchObject([
    { record_id: printable(HOSTILE), reason: 'missing-lead', detail: expect.stringContaining('\\u001b[2J') },
  ]);
});

it('what the commands print has no controls but their own', () => {
  const written: string[] = [];
  const write = (text: unknown) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(console, 'error').mockImplementation(write);
  say(`damaged: ${HOSTILE}`);
  reportFault(new SyntaxError(`"${HOSTILE}" is not valid JSON`), new AbortController().signal);
  const line = progressLine(`unpack ${HOSTILE}`, 'bytes', { isTTY: true, write } as unknown as NodeJS.WriteStream);
  line.update(1, 2);
  line.say(HOSTILE);
  for (const text of written) expect(text.replaceAll('\r\u001b[K', '')).not.toMatch(LEFT);
  expect(written).toHaveLength(4);
});
