import { pWaveSizes } from './p-waves';

/** A record of IKEM as it lies in its file: counts [sample, lead = 8]. */
export type IkemCounts = ArrayLike<number>;

/** uV a count that sources name: measured from the files; the paper's Table 6; the release's description. */
export const IKEM_SCALES = [1, 4, 4.88] as const;

/** Orders of the eight leads that sources name: measured from the files; the release's description. */
export const IKEM_LEAD_ORDERS = ['V1 V2 V3 V4 V5 V6 II I', 'V1 V2 V3 V4 V5 V6 I II'] as const;
export type IkemLeadOrder = (typeof IKEM_LEAD_ORDERS)[number];

/** Leads in a file. */
export const IKEM_LEADS = 8;
/** Sampling rate, Hz. */
export const IKEM_FS_HZ = 500;

/** What the records of a sample say. */
export interface IkemEvidence {
  /** Records with a signal. */
  readonly records: number;
  /** Median over records of the largest distance of any lead from its mean, counts. */
  readonly medianPeak: number;
  /** Records with P waves to compare. */
  readonly compared: number;
  /** The part of these, 0 to 1, in which the seventh lead's P wave is larger than the eighth's. */
  readonly seventhLarger: number;
}

/** Fewer records tell nothing. */
const ENOUGH = 20;
/** Median peak of clinical ECGs, mV: 1.93 of IKEM at 1 uV, 1.74 of another hospital's (vlbthambawita/ECGBench, IKEM). */
const USUAL_PEAK_MV = 1.9;
/** A scale is contradicted when another one fits the peak so many times better. */
const CONTRADICTION = 2;
/**
 * Gathers what decides between the scales and the orders that sources name for IKEM.
 *
 * The P wave's axis lies at about 60 degrees, along lead II, so that II has a larger one than I in most people: in 78 %
 * of PTB-XL's ECGs and 83 % of CODE-15's. (The axis of QRS does not tell: in PTB-XL, where many point left, exchanging I
 * and II makes aVF no less often positive.)
 *
 * @param records counts of some records, without padding
 */
export function ikemEvidence(records: Iterable<IkemCounts>): IkemEvidence {
  const peaks: number[] = [];
  let compared = 0;
  let larger = 0;
  for (const counts of records) {
    let peak = 0;
    for (let lead = 0; lead < IKEM_LEADS; lead++) peak = Math.max(peak, peakOf(counts, lead));
    if (peak === 0) continue;
    peaks.push(peak);
    const sizes = pWaveSizes({ values: counts, leads: IKEM_LEADS, fsHz: IKEM_FS_HZ }, [6, 7]);
    if (sizes === undefined || sizes[0] === sizes[1]) continue;
    compared++;
    if (sizes[0] > sizes[1]) larger++;
  }
  peaks.sort((a, b) => a - b);
  const count = peaks.length;
  return {
    records: count,
    medianPeak: peaks[Math.floor(count / 2)] ?? 0,
    compared,
    seventhLarger: compared === 0 ? 0.5 : larger / compared,
  };
}

/** Largest distance of a lead from its mean. */
function peakOf(counts: IkemCounts, lead: number): number {
  let sum = 0;
  let highest = Number.NEGATIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  for (let at = lead; at < counts.length; at += IKEM_LEADS) {
    const here = counts[at];
    sum += here;
    if (here > highest) highest = here;
    if (here < lowest) lowest = here;
  }
  const mean = (sum * IKEM_LEADS) / counts.length;
  return Math.max(highest - mean, mean - lowest);
}

/** A choice and what the data say of it. */
export interface IkemChoice<T> {
  readonly value: T;
  readonly evidence: string;
}

/**
 * Takes the scale that was asked for, or the one that the data support: whose median peak is nearest to 1.9 mV.
 *
 * @param asked uV a count; undefined to choose
 */
export function chooseScale(evidence: IkemEvidence, asked?: number): IkemChoice<number> {
  const { records, medianPeak } = evidence;
  if (records < ENOUGH) {
    return { value: asked ?? IKEM_SCALES[0], evidence: `${records} records are too few to tell` };
  }
  const peak = (scale: number) => (medianPeak * scale) / 1000;
  const misfit = (scale: number) => Math.abs(Math.log(peak(scale) / USUAL_PEAK_MV));
  const best = IKEM_SCALES.reduce((a, b) => (misfit(b) < misfit(a) ? b : a));
  const value = asked ?? best;
  const found = `median peak ${peak(value).toFixed(2)} mV`;
  if (misfit(value) <= misfit(best) + Math.log(CONTRADICTION))
    return { value, evidence: `the data support it: ${found}` };
  return {
    value,
    evidence: `the data contradict it: ${found}; ${best} uV a count would give ${peak(best).toFixed(2)} mV`,
  };
}

/**
 * Takes the order that was asked for, or the one that the data support: in which II has the larger P wave more often,
 * beyond two standard errors of an even chance.
 *
 * @param asked undefined to choose
 */
export function chooseLeadOrder(evidence: IkemEvidence, asked?: IkemLeadOrder): IkemChoice<IkemLeadOrder> {
  const { compared, seventhLarger } = evidence;
  if (compared < ENOUGH) {
    return { value: asked ?? IKEM_LEAD_ORDERS[0], evidence: `${compared} records are too few to tell` };
  }
  const clear = Math.abs(seventhLarger - 0.5) > 1 / Math.sqrt(compared);
  const best = clear && seventhLarger < 0.5 ? 1 : 0;
  const value = asked ?? IKEM_LEAD_ORDERS[best];
  const part = value === IKEM_LEAD_ORDERS[0] ? seventhLarger : 1 - seventhLarger;
  const found = `II has a larger P wave than I in ${Math.round(100 * part)} % of ${compared} records`;
  const verdict = !clear
    ? 'the data do not tell'
    : value === IKEM_LEAD_ORDERS[best]
      ? 'the data support it'
      : 'the data contradict it';
  return { value, evidence: `${verdict}: ${found}` };
}
