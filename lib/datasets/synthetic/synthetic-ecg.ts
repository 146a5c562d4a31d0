import type { RandomStream } from '../../random';
import type { Vector, Wave } from './synthetic-heart';

/** Lead names of the cohort, in PTB-XL's order and spelling. */
export const SYNTHETIC_LEADS = ['I', 'II', 'III', 'AVR', 'AVL', 'AVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'] as const;

/** Rhythm of one ECG. */
export interface Rhythm {
  readonly heartRateBpm: number;
  /** Standard deviation of the RR intervals over their mean. */
  readonly variability: number;
  /** Breaths, Hz. */
  readonly respirationHz: number;
}

/** What the electrodes add. */
export interface Noise {
  /** Baseline wander, mV. */
  readonly wanderMv: number;
  /** Mains hum, mV. */
  readonly mainsMv: number;
  /** Muscle noise, standard deviation, mV. */
  readonly muscleMv: number;
}

/** Everything that decides one synthetic ECG but chance. */
export interface SyntheticEcg {
  readonly waves: readonly Wave[];
  readonly rhythm: Rhythm;
  readonly noise: Noise;
  /** Gains of V1 to V6, about 1: where the electrodes sit. */
  readonly chestGains: readonly number[];
}

/** Leads I, II, V1 to V6 from Frank's X, Y, Z (Dower et al., 1980). */
const DOWER: readonly Vector[] = [
  [0.632, -0.235, 0.059],
  [0.235, 1.066, -0.132],
  [-0.515, 0.157, -0.917],
  [0.044, 0.164, -1.387],
  [0.882, 0.098, -1.277],
  [1.213, 0.127, -0.601],
  [1.125, 0.127, -0.086],
  [0.831, 0.076, 0.23],
];

/**
 * Samples a synthetic 12-lead ECG.
 *
 * The dipole runs through its waves once a beat on an oscillator whose frequency follows the RR intervals (McSharry et
 * al., 2003), breathing turns it a little; it is projected to I, II and V1-V6; electrodes add wander, hum and muscle.
 * III = II - I exactly; aVR, aVL and aVF follow from I and II to half a count.
 *
 * @param ecg what to draw
 * @param stream chance: RR intervals, phases, noise
 * @param options.fsHz sampling rate, Hz
 * @param options.samples samples of each lead
 * @param options.gainPerMv ADC units a millivolt
 * @returns ADC units, a lead each, in the order of `SYNTHETIC_LEADS`
 */
export function synthesiseEcg(
  ecg: SyntheticEcg,
  stream: RandomStream,
  options: { readonly fsHz: number; readonly samples: number; readonly gainPerMv: number },
): Int16Array[] {
  const { fsHz, samples, gainPerMv } = options;
  const dipole = sampleDipole(ecg, stream, fsHz, samples); // X, Y, Z [sample]
  const [ra, la, ll, ...chest] = electrodeNoise(ecg, stream, fsHz, samples); // RA, LA, LL, V1 .. V6 [sample]
  const leads = SYNTHETIC_LEADS.map(() => new Int16Array(samples));
  const [one, two, three, avr, avl, avf, ...precordial] = leads;
  project(one, dipole, { direction: DOWER[0], gain: 1, plus: la, minus: ra, gainPerMv });
  project(two, dipole, { direction: DOWER[1], gain: 1, plus: ll, minus: ra, gainPerMv });
  for (let i = 0; i < samples; i++) {
    three[i] = two[i] - one[i];
    avr[i] = Math.round(-(one[i] + two[i]) / 2);
    avl[i] = Math.round(one[i] - two[i] / 2);
    avf[i] = Math.round(two[i] - one[i] / 2);
  }
  const wilson = ra.map((value, i) => (value + la[i] + ll[i]) / 3);
  for (const [v, lead] of precordial.entries()) {
    const [direction, gain] = [DOWER[2 + v], ecg.chestGains[v]];
    project(lead, dipole, { direction, gain, plus: chest[v], minus: wilson, gainPerMv });
  }
  return leads;
}

/** Fills a lead: the dipole along a direction, times a gain, and what two electrodes add, in ADC units. */
function project(
  lead: Int16Array,
  [x, y, z]: readonly Float64Array[],
  options: {
    readonly direction: Vector;
    readonly gain: number;
    readonly plus: Float64Array;
    readonly minus: Float64Array;
    readonly gainPerMv: number;
  },
): void {
  const { direction, gain, plus, minus, gainPerMv } = options;
  const [dx, dy, dz] = direction;
  for (let i = 0; i < lead.length; i++) {
    const mv = gain * (dx * x[i] + dy * y[i] + dz * z[i]) + plus[i] - minus[i];
    lead[i] = Math.max(-32767, Math.min(32767, Math.round(mv * gainPerMv)));
  }
}

function sampleDipole(ecg: SyntheticEcg, stream: RandomStream, fsHz: number, samples: number): Float64Array[] {
  const { waves, rhythm } = ecg;
  const dipole = [0, 1, 2].map(() => new Float64Array(samples));
  const breath = 2 * Math.PI * stream.uniform();
  for (const { timeS, rrS } of beats(rhythm, stream, samples / fsHz)) {
    // breathing turns the heart by up to 4 degrees and changes its voltage by 4 %
    const phase = Math.sin(2 * Math.PI * rhythm.respirationHz * timeS + breath);
    const turn = 0.07 * phase;
    const gain = (1 + 0.04 * phase) * (1 + 0.015 * stream.normal());
    for (const { name, timeS: offsetS, widthS, dipole: peak } of waves) {
      // the T wave follows the beat's length (Bazett), the others keep their distance from R
      const stretch = name === 'T' ? Math.sqrt(Math.min(rrS, 1.3) / 0.85) : 1;
      const centre = (timeS + offsetS * stretch) * fsHz;
      const width = widthS * Math.sqrt(stretch) * fsHz;
      const x = gain * (peak[0] - turn * peak[1]);
      const y = gain * (peak[1] + turn * peak[0]);
      const z = gain * peak[2];
      const last = Math.min(samples - 1, Math.floor(centre + 5 * width));
      for (let i = Math.max(0, Math.ceil(centre - 5 * width)); i <= last; i++) {
        const g = Math.exp(-0.5 * ((i - centre) / width) ** 2);
        dipole[0][i] += x * g;
        dipole[1][i] += y * g;
        dipole[2][i] += z * g;
      }
    }
  }
  return dipole;
}

/** R peaks from before the start to after the end; RR has a slow (0.1 Hz) and a respiratory part, half and half. */
function* beats(rhythm: Rhythm, stream: RandomStream, lengthS: number): Generator<{ timeS: number; rrS: number }> {
  const { heartRateBpm, variability, respirationHz } = rhythm;
  const mean = 60 / heartRateBpm;
  const slow = 2 * Math.PI * stream.uniform();
  const fast = 2 * Math.PI * stream.uniform();
  for (let timeS = -1 - mean * stream.uniform(); timeS < lengthS + 1; ) {
    const swing =
      0.9 * Math.sin(2 * Math.PI * 0.1 * timeS + slow) +
      0.9 * Math.sin(2 * Math.PI * respirationHz * timeS + fast) +
      0.4 * stream.normal();
    const rrS = mean * Math.max(0.6, 1 + variability * swing);
    yield { timeS, rrS };
    timeS += rrS;
  }
}

/** Wander, mains and muscle noise of RA, LA, LL and V1 to V6, mV, [electrode][sample]. */
function electrodeNoise(ecg: SyntheticEcg, stream: RandomStream, fsHz: number, samples: number): Float64Array[] {
  const { wanderMv, mainsMv, muscleMv } = ecg.noise;
  const { respirationHz } = ecg.rhythm;
  const mainsPhase = 2 * Math.PI * stream.uniform();
  return Array.from({ length: 9 }, () => {
    const noise = new Float64Array(samples);
    const muscle = muscleMv * (0.5 + stream.uniform());
    // muscle noise has little below 20 Hz and little above 150 Hz: a difference and a mean of neighbours
    let [before, beforeThat] = [0, 0];
    for (let i = 0; i < samples; i++) {
      const white = stream.normal();
      noise[i] = muscle * (0.7 * white + 0.2 * before - 0.6 * beforeThat);
      [before, beforeThat] = [white, before];
    }
    addSine(noise, mainsMv * (0.4 + 0.6 * stream.uniform()), 50 / fsHz, mainsPhase);
    for (const hz of [respirationHz, 0.05 + 0.1 * stream.uniform(), 0.15 + 0.25 * stream.uniform()]) {
      addSine(noise, wanderMv * (0.3 + 0.7 * stream.uniform()), hz / fsHz, 2 * Math.PI * stream.uniform());
    }
    return noise;
  });
}

/** Adds size sin(2 pi turns i + phase) to sample i, by the recurrence of a turning vector. */
function addSine(target: Float64Array, size: number, turns: number, phase: number): void {
  const twice = 2 * Math.cos(2 * Math.PI * turns);
  let last = size * Math.sin(phase - 2 * Math.PI * turns);
  let now = size * Math.sin(phase);
  for (let i = 0; i < target.length; i++) {
    target[i] += now;
    [last, now] = [now, twice * now - last];
  }
}
