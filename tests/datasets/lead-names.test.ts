import { describe, expect, it } from 'vitest';
import { ambiguousLead, LEADS, leadNamed, leadPositions } from '../../lib/datasets/lead-names';

describe('leadNamed', () => {
  it.each([
    ...LEADS.flatMap((lead) => [lead, lead.toUpperCase(), lead.toLowerCase(), ` ${lead} `].map((name) => [name, lead])),
    ...LEADS.flatMap((lead) =>
      [`Lead ${lead}`, `LEAD_${lead}`, `ECG ${lead}`, `ecg lead ${lead}`, `EKG:${lead}`].map((n) => [n, lead]),
    ),
    ['DI', 'I'],
    ['dII', 'II'],
    ['Lead-III', 'III'],
    ['ECG-V1', 'V1'],
    ['leadaVR', 'aVR'],
  ])('takes %j for %s', (name, lead) => {
    expect(leadNamed(name)).toBe(lead);
  });

  it.each([
    ...[
      'MLII',
      'MLI',
      'MCL1',
      '-aVR',
      'ECG -aVR',
      'lead-aVR',
      'V4R',
      'V7',
      'V10',
      'V',
      'VI',
      'IIII',
      'IV',
      'aV',
      'avrr',
    ],
    ...['1', 'lead 1', 'D1', 'ECG', 'lead', '', 'Resp', 'II+', 'I-II', 'constructor', 'toString', 'vx', 'ABP', 'Pleth'],
  ])('takes %j for none of the twelve', (name) => {
    expect(leadNamed(name)).toBeUndefined();
  });

  it('finds the twelve among others, in any order', () => {
    const names = ['resp', ...[...LEADS].reverse().map((lead) => `Lead_${lead}`), 'MLII'];
    expect(leadPositions(names)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(leadPositions(['II', 'ii', 'MLI'])).toEqual([-1, 0, ...Array(10).fill(-1)]);
  });
});

describe('ambiguousLead', () => {
  const of = (...signal: number[]) => ({
    leads: ['II', 'V1', 'lead ii'],
    signal: Float32Array.from(signal),
    samples: 2,
  });

  it('lets a lead pass whose copies are equal, invalid samples included', () => {
    expect(ambiguousLead(of(1, 2, 0, 0, 1, 2))).toBeUndefined();
    expect(ambiguousLead(of(1, Number.NaN, 0, 0, 1, Number.NaN))).toBeUndefined();
  });

  it('names a lead whose copies differ, and says whether one is flat', () => {
    expect(ambiguousLead(of(1, 2, 0, 0, 1, 3))).toEqual({ lead: 'II', detail: 'II twice, and the two differ' });
    expect(ambiguousLead(of(0, 0, 1, 2, 1, 3))?.detail).toBe('II twice, and the two differ: one is flat');
    expect(ambiguousLead(of(1, 3, 1, 2, 4, 4))?.detail).toBe('II twice, and the two differ: one is flat');
    expect(ambiguousLead(of(1, 3, 1, 2, 1, Number.NaN))?.lead).toBe('II');
  });
});
