import { ArgumentError, UndefinedMetricError } from '../errors';
import { randomStream } from '../random';
import { curveAreas } from './curve-areas';
import { checkPrevalence } from './prevalence';
import type { RankedScores } from './ranked-scores';

/** How a bootstrap resamples the test set. */
export interface BootstrapOptions {
  /** resamples, at least 1; default 1,000 */
  readonly resamples?: number;
  /** coverage of the interval, between 0 and 1; default .95 */
  readonly level?: number;
  /** default 0; the same seed gives every model of one test set the same resamples */
  readonly seed?: number;
  /** share of positives, between 0 and 1, at which AUPRCs are taken, as `prevalenceCorrectedAuprc`; default as drawn */
  readonly prevalence?: number;
  /** draws the units of a resample, for a resampling of one's own; default `bootstrapDraw` with the seed */
  readonly draw?: (units: number, resample: number, attempt: number) => ArrayLike<number>;
}

/**
 * Draws the units of one resample: as many as there are, with replacement.
 *
 * @param units number of patients (or of records), at least 1
 * @param options seed; resample, from 0; attempt, from 0, more when earlier ones held one class only
 * @returns [draw] the index of a unit, 0 to units - 1
 */
export function bootstrapDraw(
  units: number,
  options: { readonly seed: number; readonly resample: number; readonly attempt: number },
): Uint32Array {
  const stream = randomStream(options.seed, 'bootstrap', options.resample, options.attempt);
  const drawn = new Uint32Array(units);
  for (let i = 0; i < units; i += 2) {
    const first = stream.uniform() * units; // 53 random bits: the whole part is one draw, the rest makes the next
    drawn[i] = Math.floor(first);
    if (i + 1 < units) drawn[i + 1] = Math.floor((first - drawn[i]) * units);
  }
  return drawn;
}

const MOST_ATTEMPTS = 1000;
const MOST_RESAMPLES = 1_000_000;

/**
 * The areas of several ranked scores on the same resamples of their records.
 *
 * A resample that leaves one class only in any of them has no AUROC: it is drawn again, and counted, so the interval
 * is conditional on both classes being seen. With a handful of positives this makes it slightly too narrow.
 *
 * @param ranked the tasks and models that share the records, [list]
 * @param unitOf [record] its unit; the records of a unit are drawn together
 * @returns areas [resample, list, (AUROC, AUPRC)], and the number of resamples that were drawn again
 * @throws UndefinedMetricError when 1,000 attempts at one resample leave one class only, or the units are so few that
 *   no resample can differ from another
 */
export function bootstrapAreas(
  ranked: readonly RankedScores[],
  unitOf: Uint32Array,
  options: BootstrapOptions,
): { areas: Float64Array; redrawn: number } {
  const { resamples = 1000, seed = 0 } = options;
  if (!(Number.isInteger(resamples) && resamples >= 1 && resamples <= MOST_RESAMPLES)) {
    const expected = `a whole number from 1 to ${MOST_RESAMPLES}`;
    throw new ArgumentError('resamples', { expected, actual: String(resamples) });
  }
  if (options.prevalence !== undefined) checkPrevalence(options.prevalence);
  const draw = options.draw ?? ((units, resample, attempt) => bootstrapDraw(units, { seed, resample, attempt }));
  const units = unitOf.reduce((most, unit) => Math.max(most, unit + 1), 0);
  if (options.draw === undefined) checkUnits(ranked, unitOf, units);
  const weights = new Uint32Array(unitOf.length); // [record] how often the resample holds it
  const areas = new Float64Array(resamples * ranked.length * 2);
  let redrawn = 0;
  for (let resample = 0; resample < resamples; resample++) {
    let attempt = 0;
    for (; ; attempt++) {
      countRecords(draw(units, resample, attempt), unitOf, units, weights);
      if (fillAreas(ranked, weights, areas, { resample, prevalence: options.prevalence })) break;
      redrawn++;
      if (attempt + 1 < MOST_ATTEMPTS) continue;
      const actual = `one class only in ${MOST_ATTEMPTS} attempts at resample ${resample}`;
      throw new UndefinedMetricError('bootstrap', { expected: 'resamples with both classes', actual });
    }
  }
  return { areas, redrawn };
}

/** Refuses units of which every resample is the test set itself: the interval would have no width. */
function checkUnits(ranked: readonly RankedScores[], unitOf: Uint32Array, units: number): void {
  if (units > 2) return;
  const pure = ranked.some(({ order, positive }) => {
    const classes = new Set(Array.from(order, (record, rank) => 2 * unitOf[record] + positive[rank]));
    return classes.size === units; // no unit has both classes, so that a resample needs either
  });
  if (units === 2 && !pure) return;
  const expected = 'at least two patients (or records), and three where each has one class only';
  throw new UndefinedMetricError('bootstrap', { expected, actual: String(units) });
}

/** Turns the units drawn into the weight of each record. */
function countRecords(drawn: ArrayLike<number>, unitOf: Uint32Array, units: number, weights: Uint32Array): void {
  const timesDrawn = new Uint32Array(units);
  const indices = drawn instanceof Uint32Array ? drawn : Uint32Array.from(drawn);
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] >= units) {
      throw new ArgumentError('unit drawn', { expected: `0 to ${units - 1}`, actual: String(indices[i]) });
    }
    timesDrawn[indices[i]]++;
  }
  for (let record = 0; record < unitOf.length; record++) weights[record] = timesDrawn[unitOf[record]];
}

/** Writes a resample's areas; false when one class only is left in any list. */
function fillAreas(
  ranked: readonly RankedScores[],
  weights: Uint32Array,
  areas: Float64Array,
  { resample, prevalence }: { resample: number; prevalence: number | undefined },
): boolean {
  for (let list = 0; list < ranked.length; list++) {
    const { auroc, auprc } = curveAreas(ranked[list], weights, { prevalence });
    if (Number.isNaN(auroc)) return false;
    const at = (resample * ranked.length + list) * 2; // [resample, list, (AUROC, AUPRC)]
    areas[at] = auroc;
    areas[at + 1] = auprc;
  }
  return true;
}
