/** Losses whose median is judged: one batch says little. */
const WINDOW = 20;

/** A loss above so much of that of guessing has not begun to fall. */
const UNMOVED = 0.98;

/** Share of the steps after which a contrastive loss that learns has long begun to fall. */
const PATIENCE = 0.25;

/**
 * Tells of a contrastive training that learns nothing.
 *
 * An InfoNCE loss cannot explode: cosines bound it by 2 / temperature + log(candidates), so a rate that is much too high
 * leaves it where guessing is, log(candidates), and `LossGuard` does not see it. A reconstruction is not judged so: it
 * may well stay on a plateau for half of a training and leave it then.
 */
export class PlateauWatch {
  readonly #last: number[] = [];
  readonly #judgedAt: number;
  readonly #guessing: number;
  #count = 0;

  /**
   * @param steps of the whole training
   * @param options.candidates embeddings that one is to be found among: 2 batch - 1 views, or the batch's keys
   */
  constructor(steps: number, { candidates }: { candidates: number }) {
    this.#judgedAt = Math.max(2 * WINDOW, Math.ceil(PATIENCE * steps));
    this.#guessing = Math.log(candidates);
  }

  /** The next step's loss between the views of an ECG; says once, after a quarter of the steps, that it has not fallen. */
  add(loss: number): string | undefined {
    this.#count++;
    this.#last.push(loss);
    if (this.#last.length > WINDOW) this.#last.shift();
    if (this.#count !== this.#judgedAt) return undefined;
    const now = [...this.#last].sort((a, b) => a - b)[WINDOW >> 1];
    if (now <= UNMOVED * this.#guessing) return undefined;
    return (
      `expected a contrastive loss below ${this.#guessing.toPrecision(4)}, that of guessing, after ${this.#count} steps, ` +
      `got ${now.toPrecision(4)}: nothing is being learnt; a lower learningRate may help`
    );
  }
}
