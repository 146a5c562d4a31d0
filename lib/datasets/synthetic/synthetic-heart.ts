/**
 * One wave of the heart's dipole: a Gaussian on the phase of the beat.
 *
 * d(t) = (x, y, z) exp(-(t - timeS)^2 / (2 widthS^2)), t from the R peak.
 */
export interface Wave {
  readonly name: 'P' | 'Q' | 'R' | 'S' | 'R2' | 'ST' | 'T';
  /** Centre, s after the R peak. */
  readonly timeS: number;
  /** Standard deviation, s. */
  readonly widthS: number;
  /** Dipole at the centre, mV in Frank's leads: x to the left, y to the feet, z to the back. */
  readonly dipole: Vector;
}

export type Vector = readonly [x: number, y: number, z: number];

/** What tells one healthy heart from another; 1 or 0 is the mean. */
export interface HeartTraits {
  /** All voltages. */
  readonly voltage: number;
  /** Voltage of the T wave, beyond `voltage`. */
  readonly tVoltage: number;
  /** Voltage of the P wave, beyond `voltage`. */
  readonly pVoltage: number;
  /** Rotation of the heart in the frontal plane, rad; positive turns the axis to the right. */
  readonly frontalTurn: number;
  /** Rotation about the long axis, rad; positive turns the forces to the front. */
  readonly horizontalTurn: number;
  /** P peak to R peak, s. */
  readonly prS: number;
  /** QT interval beyond its usual length at the heart rate. */
  readonly qt: number;
  /** Width of the QRS complex. */
  readonly qrs: number;
}

/** A disease of the heart, by its SCP-ECG code, and how far it has gone, 0 to 1. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: number;
  /** Infarction: 0 is old (Q waves, inverted T), 1 is acute (ST elevation). */
  readonly acute: number;
}

export type FindingCode = keyof typeof CHANGES;

type Waves = Record<string, { timeS: number; widthS: number; dipole: [number, number, number] }>;

/** The waves of a healthy adult: septal Q, apical R, basal S, and a T that is steeper behind its peak. */
function healthy({ prS, qt, qrs, tVoltage, pVoltage }: HeartTraits): Waves {
  const wave = (timeS: number, widthS: number, x: number, y: number, z: number) => ({
    timeS,
    widthS,
    dipole: [x, y, z] as [number, number, number],
  });
  return {
    P_right: wave(-prS - 0.013, 0.017, 0.025 * pVoltage, 0.065 * pVoltage, -0.03 * pVoltage),
    P_left: wave(-prS + 0.015, 0.018, 0.05 * pVoltage, 0.04 * pVoltage, 0.02 * pVoltage),
    Q: wave(-0.024 * qrs, 0.0075 * qrs, -0.16, -0.06, -0.26),
    R: wave(0, 0.0105 * qrs, 1.12, 0.82, 0.12),
    S: wave(0.021 * qrs, 0.011 * qrs, 0.06, -0.1, 0.72),
    R2: wave(0.05, 0.014, 0, 0, 0),
    ST: wave(0.1, 0.036, 0.015, 0.01, -0.03),
    T_rise: wave(0.225 * qt, 0.05, 0.15 * tVoltage, 0.1 * tVoltage, -0.09 * tVoltage),
    T_fall: wave(0.27 * qt, 0.03, 0.16 * tVoltage, 0.11 * tVoltage, -0.08 * tVoltage),
  };
}

const T = ['T_rise', 'T_fall'] as const;

/** Where the walls of the left ventricle lie as the heart sees them. */
const WALLS = {
  inferior: [-0.1, 1, 0.1],
  anteroseptal: [-0.25, 0, -1],
  anterior: [0.35, 0.05, -0.95],
  lateral: [1, -0.15, 0.1],
} as const satisfies Record<string, Vector>;

/**
 * An infarcted wall is silent: the first forces turn away from it (Q), its R is lost. Early, current of injury points
 * to it (ST elevation); later, T points away.
 */
function infarction(wall: Vector): Change {
  return (waves, severity, acute) => {
    const push = (name: string, amount: number) => add(waves[name].dipole, wall, amount);
    waves.Q.timeS -= 0.003;
    waves.Q.widthS += 0.002 + 0.006 * severity;
    push('Q', -0.2 - 0.55 * severity);
    push('R', -0.55 * severity * Math.max(0.4, dot(waves.R.dipole, wall)));
    push('ST', acute * (0.08 + 0.26 * severity));
    for (const name of T) push(name, (acute * 0.14 - (1 - acute) * 0.3) * (0.35 + severity));
  };
}

type Change = (waves: Waves, severity: number, acute: number) => void;

/** What each disease does to the waves; severity 0 to 1. */
const CHANGES = {
  IMI: infarction(WALLS.inferior),
  ASMI: infarction(WALLS.anteroseptal),
  AMI: infarction(WALLS.anterior),
  LMI: infarction(WALLS.lateral),
  // flat, then inverted T
  NDT(waves, severity) {
    for (const name of T) scale(waves[name].dipole, 0.35 - 0.85 * severity);
  },
  // subendocardial ischaemia: ST points away from the left ventricle, T follows
  ISC_(waves, severity) {
    add(waves.ST.dipole, [0.75, 0.6, -0.3], -0.09 - 0.15 * severity);
    for (const name of T) scale(waves[name].dipole, 0.5 - 0.7 * severity);
  },
  // deep, narrow, symmetric T inversion to the front and left
  ISCAL(waves, severity) {
    add(waves.ST.dipole, [0.6, 0.1, -0.7], -0.05 - 0.1 * severity);
    add(waves.T_rise.dipole, [0.7, 0.2, -0.7], -0.2 - 0.2 * severity);
    add(waves.T_fall.dipole, [0.7, 0.2, -0.7], -0.2 - 0.3 * severity);
  },
  LNGQT(waves, severity) {
    for (const name of T) {
      waves[name].timeS *= 1.16 + 0.16 * severity;
      waves[name].widthS *= 1.1 + 0.15 * severity;
    }
  },
  // the right ventricle comes last: a late force to the right and front, T against it
  CRBBB: rightBundle(1),
  IRBBB: rightBundle(0.5),
  // the septum and the left ventricle are reached late, from the right: no septal Q, broad notched R, T against it
  CLBBB(waves, severity) {
    scale(waves.Q.dipole, 0);
    add(waves.Q.dipole, [0.12, 0.06, 0.05], 1);
    waves.R.timeS = -0.004;
    waves.R.widthS = 0.02 + 0.004 * severity;
    waves.R.dipole = [0.95, 0.4, 0.75];
    waves.S.timeS = 0.05 + 0.008 * severity;
    waves.S.widthS = 0.022 + 0.005 * severity;
    waves.S.dipole = [1.05, 0.2, 1.0];
    add(waves.ST.dipole, [-0.14, -0.04, -0.16], 0.6 + 0.6 * severity);
    for (const name of T) {
      waves[name].timeS *= 1.08;
      waves[name].dipole = [-0.2 - 0.1 * severity, -0.05, -0.24 - 0.1 * severity];
    }
  },
  // the front of the left ventricle comes last: forces first down, then up and to the left
  LAFB(waves, severity) {
    add(waves.Q.dipole, [-0.08, 0.26, 0], 0.6 + 0.4 * severity);
    waves.R.dipole = [0.95, -0.12 - 0.55 * severity, 0.2];
    waves.S.dipole = [0.2, -0.5 - 0.4 * severity, 0.5];
    waves.S.timeS += 0.005;
    waves.S.widthS *= 1.15;
  },
  '1AVB'(waves, severity) {
    for (const name of ['P_right', 'P_left']) waves[name].timeS -= 0.055 + 0.09 * severity;
  },
  // thick left ventricle: more force to the left and back, then strain (ST and T against it)
  LVH(waves, severity) {
    scale(waves.R.dipole, 1.25 + 0.55 * severity);
    add(waves.R.dipole, [0.3, -0.2, 0.1], severity);
    scale(waves.S.dipole, 1.3 + 0.6 * severity);
    waves.R.widthS *= 1.12;
    const strain = Math.max(0, severity - 0.3);
    add(waves.ST.dipole, [-0.2, -0.06, 0.1], strain);
    for (const name of T) add(waves[name].dipole, [-0.5, -0.16, 0.06], strain);
    scale(waves.P_left.dipole, 1.15);
  },
  // thick right ventricle: force to the right and front, right axis, strain in V1 to V3
  RVH(waves, severity) {
    add(waves.R.dipole, [-0.95, 0.2, -0.75], 0.65 + 0.45 * severity);
    add(waves.S.dipole, [-0.55, 0.1, -0.5], 0.5 + 0.5 * severity);
    for (const name of T) add(waves[name].dipole, [0.1, -0.08, 0.2], 0.4 + 0.6 * severity);
    scale(waves.P_right.dipole, 1.4 + 0.4 * severity);
  },
  // large left atrium: long P, notched in II, deeply negative at its end in V1
  'LAO/LAE'(waves, severity) {
    waves.P_right.timeS -= 0.012;
    waves.P_left.timeS += 0.016;
    add(waves.P_left.dipole, [0.06, 0.03, 0.1], 0.6 + 0.8 * severity);
  },
} as const satisfies Record<string, Change>;

function rightBundle(degree: number): Change {
  return (waves, severity) => {
    const size = degree * (0.75 + 0.35 * severity);
    waves.S.widthS *= 1 - 0.15 * degree;
    scale(waves.S.dipole, 1 - 0.35 * degree);
    waves.R2.timeS = 0.044 + 0.022 * degree;
    waves.R2.widthS = 0.012 + 0.01 * degree;
    add(waves.R2.dipole, [-0.55, -0.06, -0.62], size);
    for (const name of T) add(waves[name].dipole, [0.04, 0.02, 0.17], size);
  };
}

/**
 * The waves of one beat of a heart with these traits and diseases.
 *
 * Gaussians for P, Q, R, S and T as in McSharry et al., 2003, each a vector as in Sameni et al., 2007; their places and
 * sizes are set so that the projected leads look like ECGs of the textbooks.
 */
export function heartWaves(traits: HeartTraits, findings: readonly Finding[]): Wave[] {
  const waves = healthy(traits);
  for (const { code, severity, acute } of findings) CHANGES[code](waves, severity, acute);
  return Object.entries(waves)
    .filter(([, { dipole }]) => dipole.some((value) => value !== 0))
    .map(([name, { timeS, widthS, dipole }]) => ({
      name: name.split('_')[0] as Wave['name'],
      timeS,
      widthS,
      dipole: turn(dipole, traits),
    }));
}

function turn([x, y, z]: Vector, { voltage, frontalTurn, horizontalTurn }: HeartTraits): Vector {
  const [cf, sf] = [Math.cos(frontalTurn), Math.sin(frontalTurn)];
  const [ch, sh] = [Math.cos(horizontalTurn), Math.sin(horizontalTurn)];
  const [x1, y1] = [cf * x - sf * y, sf * x + cf * y];
  return [voltage * (ch * x1 + sh * z), voltage * y1, voltage * (ch * z - sh * x1)];
}

function add(target: [number, number, number], direction: Vector, amount: number): void {
  for (let i = 0; i < 3; i++) target[i] += amount * direction[i];
}

function scale(target: [number, number, number], factor: number): void {
  for (let i = 0; i < 3; i++) target[i] *= factor;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
