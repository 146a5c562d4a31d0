/** What is wrong with a loss. */
export interface LossFault {
  readonly expected: string;
  readonly actual: string;
}

/** Losses that are compared: one batch says little. */
const WINDOW = 20;

/** So many times the loss of the untrained model is no training any more. */
const EXPLODED = 10;

/**
 * Judges the losses of a training as they come.
 *
 * A loss that is no finite number is a fault at once. A training has exploded when the median of 20 losses in a row is
 * above 10 times the smallest of its first 20. Those are the untrained model's, as the learning rate begins near zero:
 * it predicts zero (reconstruction: the ECGs' own amplitude) or guesses (contrastive: about log(2 batch - 1)), and
 * nothing that learns is far above them. A median, for a batch with a wild ECG is no explosion; the smallest, for a rate
 * that is much too high explodes within the first 20. A contrastive loss cannot explode; `PlateauWatch` tells of one that
 * does not fall.
 */
export class LossGuard {
  readonly #last: number[] = [];
  #count = 0;
  #limit = Number.POSITIVE_INFINITY;
  /** Whether the limit was given. */
  readonly #limited: boolean;

  /**
   * @param earlier the losses of the steps before the one that the run goes on from
   * @param options.untrained the untrained model's loss where it is known, such as log 2 of a binary cross-entropy: the
   *   limit is then 10 times that from the first step on
   */
  constructor(earlier: readonly number[] = [], { untrained }: { untrained?: number } = {}) {
    if (untrained !== undefined) this.#limit = EXPLODED * untrained;
    this.#limited = untrained !== undefined;
    for (const loss of earlier) this.add(loss);
  }

  /** The next loss; says what is wrong, if anything is. */
  add(loss: number, gradientNorm = 0): LossFault | undefined {
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      return { expected: 'a finite loss and gradient', actual: `loss ${loss}, gradient norm ${gradientNorm}` };
    }
    // A loss of zero compares nothing: no patient of the batch had a second ECG.
    if (!this.#limited && this.#count < WINDOW && loss > 0) this.#limit = Math.min(this.#limit, EXPLODED * loss);
    this.#count++;
    this.#last.push(loss);
    if (this.#last.length > WINDOW) this.#last.shift();
    const now = this.#last.length < WINDOW ? 0 : median(this.#last);
    if (now <= this.#limit) return undefined;
    return {
      expected: `losses below ${this.#limit.toPrecision(4)}, ${EXPLODED} times the untrained model's`,
      actual: `${now.toPrecision(4)}, the median of ${WINDOW} losses,`,
    };
  }

  /** Whether the newest loss is below the limit, too: weights that are about to be judged lost are not worth keeping. */
  get calm(): boolean {
    return this.#last.length === 0 || this.#last[this.#last.length - 1] <= this.#limit;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
