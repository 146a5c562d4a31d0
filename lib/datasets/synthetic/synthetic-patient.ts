import type { RandomStream } from '../../random';
import type { Superclass } from '../superclass';
import type { Noise, Rhythm } from './synthetic-ecg';
import type { Finding, FindingCode, HeartTraits } from './synthetic-heart';

/** A person of the synthetic cohort. */
export interface SyntheticPatient {
  readonly patientId: number;
  readonly age: number;
  /** 0 male, 1 female, as in PTB-XL. */
  readonly sex: 0 | 1;
  readonly traits: HeartTraits;
  readonly rhythm: Rhythm;
  /** Gains of V1 to V6: the shape of the chest. */
  readonly chestGains: readonly number[];
  /** The diseases; none in a healthy person. */
  readonly findings: readonly Finding[];
  /** ECGs taken, 1 to 4. */
  readonly ecgs: number;
}

type Disease = Exclude<Superclass, 'NORM'>;

/** The codes of each superclass with their share. */
const CODES: Readonly<Record<Disease, readonly (readonly [FindingCode, number])[]>> = {
  MI: [
    ['IMI', 0.4],
    ['ASMI', 0.3],
    ['AMI', 0.15],
    ['LMI', 0.15],
  ],
  STTC: [
    ['NDT', 0.35],
    ['ISC_', 0.35],
    ['ISCAL', 0.2],
    ['LNGQT', 0.1],
  ],
  CD: [
    ['LAFB', 0.3],
    ['CRBBB', 0.2],
    ['IRBBB', 0.15],
    ['CLBBB', 0.2],
    ['1AVB', 0.15],
  ],
  HYP: [
    ['LVH', 0.75],
    ['LAO/LAE', 0.15],
    ['RVH', 0.1],
  ],
};

/** Chance of each disease as the first one of a sick person, and as a further one. */
const FIRST: Readonly<Record<Disease, number>> = { MI: 0.32, STTC: 0.25, CD: 0.29, HYP: 0.14 };
const FURTHER: Readonly<Record<Disease, number>> = { MI: 0.1, STTC: 0.16, CD: 0.16, HYP: 0.1 };
const SICK = 0.57;
const ECGS: readonly (readonly [number, number])[] = [
  [1, 0.38],
  [2, 0.32],
  [3, 0.2],
  [4, 0.1],
];

/** Draws a person: traits about the mean, diseases about as frequent as in PTB-XL. */
export function drawPatient(patientId: number, stream: RandomStream): SyntheticPatient {
  const { uniform, normal } = stream;
  const sex = uniform() < 0.48 ? 1 : 0;
  const sick = uniform() < SICK;
  const age = Math.round(Math.max(18, Math.min(89, (sick ? 66 : 50) + 14 * normal())));
  const findings = sick ? drawFindings(stream) : [];
  return {
    patientId,
    age,
    sex,
    traits: {
      voltage: Math.exp(0.2 * normal()) * (sex === 1 ? 0.9 : 1),
      tVoltage: Math.exp(0.25 * normal()) * (sex === 1 ? 0.85 : 1),
      pVoltage: Math.exp(0.2 * normal()),
      frontalTurn: 0.28 * normal() - 0.006 * (age - 50), // the axis turns left with age
      horizontalTurn: 0.18 * normal(),
      prS: Math.max(0.11, 0.145 + 0.014 * normal()),
      qt: (sex === 1 ? 1.02 : 0.99) * (1 + 0.03 * normal()),
      qrs: 1 + 0.07 * normal(),
    },
    rhythm: {
      heartRateBpm: Math.max(46, Math.min(125, (sick ? 76 : 70) * Math.exp(0.15 * normal()))),
      variability: 0.035 * Math.exp(0.4 * normal() - 0.012 * (age - 50)),
      respirationHz: Math.max(0.14, 0.25 + 0.04 * normal()),
    },
    chestGains: Array.from({ length: 6 }, () => 1 + 0.1 * normal()),
    findings,
    ecgs: pick(ECGS, uniform()),
  };
}

/** One ECG's own state: rate, severity and noise differ a little from visit to visit. */
export interface Visit {
  readonly traits: HeartTraits;
  readonly rhythm: Rhythm;
  readonly noise: Noise;
  readonly findings: readonly Finding[];
}

/** Draws one visit of a person. */
export function drawVisit(patient: SyntheticPatient, { uniform, normal }: RandomStream): Visit {
  const { traits, rhythm, findings } = patient;
  const near = (value: number, spread: number) => value * Math.exp(spread * normal());
  return {
    traits: {
      ...traits,
      voltage: near(traits.voltage, 0.06),
      tVoltage: near(traits.tVoltage, 0.1),
      frontalTurn: traits.frontalTurn + 0.06 * normal(),
      horizontalTurn: traits.horizontalTurn + 0.06 * normal(),
    },
    rhythm: {
      ...rhythm,
      heartRateBpm: Math.max(44, Math.min(135, near(rhythm.heartRateBpm, 0.09))),
      respirationHz: near(rhythm.respirationHz, 0.1),
    },
    noise: {
      wanderMv: 0.035 * Math.exp(0.7 * normal()),
      mainsMv: 0.004 * Math.exp(0.9 * normal()),
      muscleMv: 0.011 * Math.exp(0.6 * normal()),
    },
    findings: findings.map((finding) => ({
      ...finding,
      severity: Math.max(0.05, Math.min(1, finding.severity + 0.1 * normal())),
      acute: Math.max(0, Math.min(1, finding.acute - 0.25 * uniform())), // an infarct heals
    })),
  };
}

function drawFindings(stream: RandomStream): Finding[] {
  const { uniform } = stream;
  const first = pick(Object.entries(FIRST) as [Disease, number][], uniform());
  const diseases = new Set<Disease>([first]);
  for (const [disease, chance] of Object.entries(FURTHER) as [Disease, number][]) {
    if (uniform() < chance) diseases.add(disease);
  }
  return [...diseases].map((disease) => ({
    code: pick(CODES[disease], uniform()),
    severity: 0.15 + 0.85 * uniform(),
    acute: uniform() < 0.45 ? 0.5 + 0.5 * uniform() : 0,
  }));
}

/** The entry whose share holds `at`, 0 to 1, in the running sum of shares. */
function pick<T>(shares: readonly (readonly [T, number])[], at: number): T {
  let sum = 0;
  for (const [value, share] of shares) {
    sum += share;
    if (at < sum) return value;
  }
  return shares[shares.length - 1][0];
}
