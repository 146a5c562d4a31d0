import { ArgumentError } from '../errors';
import { randomStream } from '../random';

/**
 * The batches of one epoch: every ECG once, two ECGs of a patient side by side where there are two.
 *
 * A patient's ECGs are paired at random, pairs and singles shuffled and dealt out; the patient-level loss thus finds a
 * positive in the batch (CLOCS, PCLR). What does not fill a last batch is left out of this epoch.
 *
 * @param patientIds the patient of each ECG
 * @returns row numbers, one array of `batchSize` a batch
 * @throws ArgumentError when there are fewer ECGs than a batch holds, or the batch size is odd or below 2
 */
export function patientBatches(
  patientIds: readonly string[],
  { batchSize, seed, epoch }: { batchSize: number; seed: number; epoch: number },
): Int32Array[] {
  const batches = stepsPerEpoch(patientIds.length, batchSize);
  const stream = randomStream(seed, 'batches', epoch);
  const ecgsOf = new Map<string, number[]>();
  patientIds.forEach((patient, row) => {
    const rows = ecgsOf.get(patient);
    if (rows === undefined) ecgsOf.set(patient, [row]);
    else rows.push(row);
  });
  const pairs: number[][] = [];
  const singles: number[] = [];
  for (const rows of ecgsOf.values()) {
    const shuffled = rows.length === 1 ? rows : stream.shuffled(rows);
    for (let i = 0; i + 1 < shuffled.length; i += 2) pairs.push(shuffled.slice(i, i + 2));
    if (shuffled.length % 2 === 1) singles.push(shuffled[shuffled.length - 1]);
  }
  // Singles are dealt two by two, so that no pair is cut by the end of a batch.
  const shuffledSingles = stream.shuffled(singles);
  for (let i = 0; i + 1 < shuffledSingles.length; i += 2) pairs.push(shuffledSingles.slice(i, i + 2));
  const order = stream.shuffled(pairs).flat();
  if (shuffledSingles.length % 2 === 1) order.push(shuffledSingles[shuffledSingles.length - 1]);
  return Array.from({ length: batches }, (_, i) => Int32Array.from(order.slice(i * batchSize, (i + 1) * batchSize)));
}

/** One step's batch. */
export interface PlannedBatch {
  /** 0-based. */
  readonly step: number;
  readonly epoch: number;
  /** Row numbers of its ECGs. */
  readonly rows: Int32Array;
}

/**
 * The batches of a training from a step on, epoch after epoch; seed and step decide each.
 *
 * @param first 0-based step to begin with
 * @param steps steps of the whole training
 */
export function* plannedBatches(
  patientIds: readonly string[],
  { batchSize, seed, first, steps }: { batchSize: number; seed: number; first: number; steps: number },
): Generator<PlannedBatch, undefined> {
  const perEpoch = stepsPerEpoch(patientIds.length, batchSize);
  for (let step = first; step < steps; ) {
    const epoch = Math.floor(step / perEpoch);
    const batches = patientBatches(patientIds, { batchSize, seed, epoch });
    for (let i = step % perEpoch; i < perEpoch && step < steps; i++, step++) yield { step, epoch, rows: batches[i] };
  }
}

/**
 * Whole batches in an epoch, at least one.
 *
 * @throws ArgumentError when there are fewer ECGs than a batch holds, or the batch size is odd or below 2
 */
export function stepsPerEpoch(ecgs: number, batchSize: number): number {
  if (!Number.isInteger(batchSize) || batchSize < 2 || batchSize % 2 !== 0 || ecgs < batchSize) {
    throw new ArgumentError('batchSize', {
      expected: `an even number of at least 2 and at most the ${ecgs} ECGs there are`,
      actual: String(batchSize),
    });
  }
  return Math.floor(ecgs / batchSize);
}
