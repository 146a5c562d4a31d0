import { describe, expect, it } from 'vitest';
import { SYNTHETIC_LEADS, synthesiseEcg } from '../../../lib/datasets/synthetic/synthetic-ecg';
import {
  type Finding,
  type FindingCode,
  type HeartTraits,
  heartWaves,
} from '../../../lib/datasets/synthetic/synthetic-heart';
import { randomStream } from '../../../lib/random';

const TRAITS: HeartTraits = {
  voltage: 1,
  tVoltage: 1,
  pVoltage: 1,
  frontalTurn: 0,
  horizontalTurn: 0,
  prS: 0.145,
  qt: 1,
  qrs: 1,
};
const QUIET = { wanderMv: 0, mainsMv: 0, muscleMv: 0 };

/** One beat of a heart at rest, mV by lead: value(lead, s after R), and the extremes within a window. */
function beat(code?: FindingCode, acute = 0, severity = 0.8) {
  const findings: Finding[] = code === undefined ? [] : [{ code, severity, acute }];
  const rhythm = { heartRateBpm: 70, variability: 0, respirationHz: 1e-9 };
  const ecg = { waves: heartWaves(TRAITS, findings), rhythm, noise: QUIET, chestGains: [1, 1, 1, 1, 1, 1] };
  const fsHz = 1000;
  const leads = synthesiseEcg(ecg, randomStream(1, 'beat'), { fsHz, samples: 4000, gainPerMv: 10_000 });
  // the steepest second R of lead V5 or I, whatever the disease: the middle beat by the dipole's own clock
  const plain = synthesiseEcg(
    { ...ecg, waves: [{ name: 'R', timeS: 0, widthS: 0.01, dipole: [1, 0, 0] }] },
    randomStream(1, 'beat'),
    { fsHz, samples: 4000, gainPerMv: 10_000 },
  )[0];
  let r = 1200;
  for (let i = 1200; i < 2200; i++) if (plain[i] > plain[r]) r = i;
  const window = (name: string, from: number, to: number) => {
    const values = leads[SYNTHETIC_LEADS.indexOf(name as (typeof SYNTHETIC_LEADS)[number])];
    return Array.from(values.subarray(r + from, r + to), (value) => value / 10_000);
  };
  return {
    max: (name: string, from: number, to: number) => Math.max(...window(name, from, to)),
    min: (name: string, from: number, to: number) => Math.min(...window(name, from, to)),
    at: (name: string, ms: number) => window(name, ms, ms + 1)[0],
    /** Net size of the complex. */
    net: (name: string) => Math.max(...window(name, -60, 90)) + Math.min(...window(name, -60, 90)),
    /** Time over a fifth of the lead's largest value, ms. */
    width: (name: string) => {
      const values = window(name, -100, 140).map(Math.abs);
      const limit = 0.2 * Math.max(...values);
      return values.filter((value) => value > limit).length;
    },
  };
}

const healthy = beat();

describe('a synthetic heart', () => {
  it('beats like a healthy one', () => {
    expect(healthy.max('II', -20, 20)).toBeGreaterThan(0.7);
    expect(healthy.max('II', -180, -110)).toBeGreaterThan(0.06); // P
    expect(healthy.max('II', 200, 320)).toBeGreaterThan(0.15); // T
    expect(healthy.max('AVR', -20, 20)).toBeLessThan(0.1);
    expect(healthy.net('V1')).toBeLessThan(-0.3); // rS
    expect(healthy.net('V5')).toBeGreaterThan(0.7);
    expect(healthy.width('V5')).toBeLessThan(70);
    expect(Math.abs(healthy.at('II', 60))).toBeLessThan(0.08); // no ST shift
  });

  it.each<[FindingCode, string[], string]>([
    ['IMI', ['II', 'III', 'AVF'], 'AVL'],
    ['ASMI', ['V1', 'V2'], 'V6'],
    ['AMI', ['V2', 'V3'], 'AVF'],
    ['LMI', ['I', 'AVL', 'V6'], 'III'],
  ])('with %s has Q waves and, when acute, ST elevation in %j, not in %s', (code, leads, opposite) => {
    const acute = beat(code, 1);
    const old = beat(code, 0);
    for (const lead of leads) {
      expect(acute.min(lead, -60, 0), `Q in ${lead}`).toBeLessThan(healthy.min(lead, -60, 0) - 0.1);
      expect(acute.at(lead, 100) - healthy.at(lead, 100), `ST in ${lead}`).toBeGreaterThan(0.08);
      expect(old.at(lead, 265) - healthy.at(lead, 265), `T in ${lead}`).toBeLessThan(-0.08);
    }
    const shift = (lead: string) => acute.at(lead, 100) - healthy.at(lead, 100);
    expect(shift(opposite)).toBeLessThan(0.5 * Math.min(...leads.map(shift)));
  });

  it('with ischaemia has ST depression and flat or inverted T', () => {
    const ischaemic = beat('ISC_');
    for (const lead of ['II', 'V4', 'V5', 'V6']) {
      expect(ischaemic.at(lead, 100)).toBeLessThan(-0.08);
      expect(ischaemic.at(lead, 265)).toBeLessThan(healthy.at(lead, 265) - 0.1);
    }
    expect(beat('NDT').max('V5', 200, 320)).toBeLessThan(0.05);
    expect(beat('ISCAL').min('V4', 200, 320)).toBeLessThan(-0.1);
    const long = beat('LNGQT');
    expect(long.at('V5', 340)).toBeGreaterThan(healthy.at('V5', 340) + 0.05);
  });

  it('with conduction disturbances has wide complexes of the right shape, a left axis, or a long PR', () => {
    const right = beat('CRBBB');
    expect(right.max('V1', 30, 100)).toBeGreaterThan(0.4); // R'
    expect(right.min('I', 30, 100)).toBeLessThan(-0.2); // S
    expect(right.width('V1')).toBeGreaterThan(healthy.width('V1') + 30);
    const left = beat('CLBBB');
    expect(left.net('V1')).toBeLessThan(-0.8); // QS
    expect(left.min('V6', -60, 0)).toBeGreaterThan(-0.05); // no q
    expect(left.min('V6', 200, 330)).toBeLessThan(-0.05); // T against it
    expect(left.width('V5')).toBeGreaterThan(healthy.width('V5') + 50);
    const fascicle = beat('LAFB');
    expect(fascicle.net('I')).toBeGreaterThan(0.2);
    expect(fascicle.net('II')).toBeLessThan(0);
    expect(fascicle.net('AVF')).toBeLessThan(0);
    const slow = beat('1AVB');
    expect(slow.max('II', -320, -230)).toBeGreaterThan(0.06);
    expect(slow.max('II', -170, -120)).toBeLessThan(0.04);
  });

  it('with hypertrophy has voltage and strain, a right axis, or a large left atrium', () => {
    const left = beat('LVH', 0, 1);
    const sokolow = (of: typeof healthy) => of.max('V5', -30, 30) - of.min('V1', -30, 60);
    expect(sokolow(left)).toBeGreaterThan(1.5 * sokolow(healthy));
    expect(left.at('V6', 265)).toBeLessThan(0); // strain
    const right = beat('RVH', 0, 1);
    expect(right.net('I')).toBeLessThan(0);
    expect(right.net('V1')).toBeGreaterThan(0);
    expect(beat('LAO/LAE').min('V1', -160, -90)).toBeLessThan(healthy.min('V1', -160, -90) - 0.05);
  });
});
