/** A stretch of samples, from `start` to before `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Leads of a smaller range take few values, and are often at their largest. */
const MIN_CLIPPED_RANGE_MV = 0.2;

/**
 * Samples of a lead that are stuck at its largest or smallest value: in runs of at least `run`, and 3, without zeros at both
 * ends. A level at which the lead rests counts only while no more than `most` are stuck.
 *
 * @param options.low, high the lead's smallest and largest value, mV
 * @param options.run, longestRest samples
 * @param options.still where all leads of the record stand still; asked for where more than `most` seem stuck
 */
export function stuckSamples(
  lead: Float32Array,
  options: {
    readonly low: number;
    readonly high: number;
    readonly run: number;
    readonly most: number;
    readonly longestRest: number;
    still(): readonly Stretch[];
  },
): number {
  const { low, high, most } = options;
  if (!(high - low >= MIN_CLIPPED_RANGE_MV)) return 0;
  const run = Math.max(3, options.run);
  const stuck = samplesInRuns(lead, [low, high], run);
  if (stuck <= most) return stuck;
  const left = [low, high].filter((level) => !restsAt(level, lead, { ...options, run }));
  return samplesInRuns(lead, left, run);
}

/** Samples in runs of at least `shortest` that all equal one of two levels, without zeros at both ends. */
function samplesInRuns(lead: Float32Array, [one, other]: readonly (number | undefined)[], shortest: number): number {
  // a run of `shortest` has one of every `shortest` samples: a look at those finds all runs, and mostly none
  let stuck = 0;
  for (let i = shortest - 1; i < lead.length; i += shortest) {
    const value = lead[i];
    if (value !== one && value !== other) continue;
    let start = i;
    while (start > 0 && lead[start - 1] === value) start--;
    let end = i + 1;
    while (end < lead.length && lead[end] === value) end++;
    const padding = value === 0 && (start === 0 || end === lead.length);
    if (end - start >= shortest && !padding) stuck += end - start;
    i += Math.floor((end - 1 - i) / shortest) * shortest; // on to the first look after the run
  }
  return stuck;
}

/** Finds where leads stand still when it is first asked for. */
export function stillOnce(leads: readonly Float32Array[]): () => readonly Stretch[] {
  let found: readonly Stretch[] | undefined;
  return () => {
    found ??= stillStretches(leads);
    return found;
  };
}

/** Of the time between two QRS complexes of a fast heart, what its other waves leave. */
const REST_SHARE = 0.25;

/** Where leads stand still together, each at a value of its own, for a time. */
function stillStretches(leads: readonly Float32Array[]): Stretch[] {
  const { length } = leads[0];
  const stretches: Stretch[] = [];
  for (let start = 0, end = 1; end <= length; end++) {
    if (end < length && leads.every((lead) => lead[end] === lead[end - 1])) continue;
    if (end - start > 1) stretches.push({ start, end });
    start = end;
  }
  return stretches;
}

/**
 * Whether a lead's largest or smallest value is the level at which it rests: all leads stand still for a good part of the
 * time that it has that value, and not just once; it leaves the value in every beat, and is mostly nearer to it than to the
 * other end of its range. (All leads stand still at an amplifier's end too, far off.)
 */
function restsAt(
  level: number,
  lead: Float32Array,
  options: {
    readonly low: number;
    readonly high: number;
    readonly run: number;
    readonly longestRest: number;
    still(): readonly Stretch[];
  },
): boolean {
  const { low, high, run, longestRest } = options;
  const atRest = options.still().filter(({ start, end }) => lead[start] === level && end - start >= run);
  const rested = atRest.reduce((sum, { start, end }) => sum + end - start, 0);
  if (atRest.length < 2 || rested < REST_SHARE * samplesInRuns(lead, [level], run)) return false;
  if (stillStretches([lead]).some(({ start, end }) => lead[start] === level && end - start > longestRest)) return false;
  const median = Float32Array.from(lead).sort()[lead.length >> 1];
  return Math.abs(median - level) < (high - low) / 2;
}
