/** A record of IKEM as it lies in its file: counts [sample, lead = 8]. */
export type IkemCounts = ArrayLike<number>;

/** uV a count that sources name: measured from the files; the paper's Table 6; the release's description. */
export const IKEM_SCALES = [1, 4, 4.88] as const;

/** Orders of the eight leads that sources name: measured from the files; the release's description. */
export const IKEM_LEAD_ORDERS = ['V1 V2 V3 V4 V5 V6 II I', 'V1 V2 V3 V4 V5 V6 I II'] as const;
export type IkemLeadOrder = (typeof IKEM_LEAD_ORDERS)[number];

/** Leads in a file. */
export const IKEM_LEADS = 8;

/** What the records of a sample say. */
export interface IkemEvidence {
  /** Records with a signal. */
  readonly records: number;
  /** Median over records of the largest distance of any lead from its mean, counts. */
  readonly medianPeak: number;
  /** For each of `IKEM_LEAD_ORDERS`, the part of the records whose aVF points upwards more than downwards, 0 to 1. */
  readonly avfUpwards: readonly number[];
}

/** Fewer records tell nothing. */
const ENOUGH = 20;
/** Median peak of clinical ECGs, mV: 1.93 of IKEM at 1 uV, 1.74 of another hospital's (vlbthambawita/ECGBench, IKEM). */
const USUAL_PEAK_MV = 1.9;
/** A scale is contradicted when another one fits the peak so many times better. */
const CONTRADICTION = 2;
/** Part of the records by which one order must beat the other: 82 % against 50 % in IKEM. */
const CLEAR_LEAD = 0.1;

/**
 * Gathers what decides between the scales and the orders that sources name for IKEM.
 *
 * The heart's axis points downwards in most people, so aVF = II - I/2 does too; with I and II mistaken for each other it
 * would be I - II/2, which points either way.
 *
 * @param records counts of some records, without padding
 */
export function ikemEvidence(records: Iterable<IkemCounts>): IkemEvidence {
  const peaks: number[] = [];
  const upwards = IKEM_LEAD_ORDERS.map(() => 0);
  for (const counts of records) {
    let peak = 0;
    for (let lead = 0; lead < IKEM_LEADS; lead++) {
      const { highest, lowest } = extremes(counts, (at) => counts[at + lead]);
      peak = Math.max(peak, highest, -lowest);
    }
    if (peak === 0) continue;
    peaks.push(peak);
    for (const [i, order] of IKEM_LEAD_ORDERS.entries()) {
      const leads = order.split(' ');
      const [first, second] = [leads.indexOf('I'), leads.indexOf('II')];
      const { highest, lowest } = extremes(counts, (at) => counts[at + second] - counts[at + first] / 2);
      if (highest > -lowest) upwards[i]++;
    }
  }
  peaks.sort((a, b) => a - b);
  const found = peaks.length;
  return {
    records: found,
    medianPeak: peaks[Math.floor(found / 2)] ?? 0,
    avfUpwards: upwards.map((count) => count / Math.max(1, found)),
  };
}

/** Highest and lowest value of a lead, from its mean. */
function extremes(counts: IkemCounts, value: (at: number) => number): { highest: number; lowest: number } {
  let sum = 0;
  let highest = Number.NEGATIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < counts.length; at += IKEM_LEADS) {
    const here = value(at);
    sum += here;
    if (here > highest) highest = here;
    if (here < lowest) lowest = here;
  }
  const mean = (sum * IKEM_LEADS) / counts.length;
  return { highest: highest - mean, lowest: lowest - mean };
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
 * Takes the order that was asked for, or the one that the data support: with which aVF points upwards more often.
 *
 * @param asked undefined to choose
 */
export function chooseLeadOrder(evidence: IkemEvidence, asked?: IkemLeadOrder): IkemChoice<IkemLeadOrder> {
  const { records, avfUpwards } = evidence;
  if (records < ENOUGH) {
    return { value: asked ?? IKEM_LEAD_ORDERS[0], evidence: `${records} records are too few to tell` };
  }
  const clear = Math.abs(avfUpwards[0] - avfUpwards[1]) > CLEAR_LEAD;
  const best = clear && avfUpwards[1] > avfUpwards[0] ? 1 : 0;
  const value = asked ?? IKEM_LEAD_ORDERS[best];
  const chosen = IKEM_LEAD_ORDERS.indexOf(value);
  const percent = (i: number) => `${Math.round(100 * avfUpwards[i])} %`;
  const found = `aVF points upwards in ${percent(chosen)} of records, in ${percent(1 - chosen)} with I and II exchanged`;
  const verdict = !clear ? 'the data do not tell' : chosen === best ? 'the data support it' : 'the data contradict it';
  return { value, evidence: `${verdict}: ${found}` };
}
