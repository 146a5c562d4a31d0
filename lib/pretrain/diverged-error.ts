import { KitError } from '../errors';
import type { LossFault } from './loss-guard';

/** A training that got lost: when, on which ECGs, and from where it could go on. */
export class DivergedError extends KitError<'DivergedError'> {
  /** 0-based step that showed it. */
  readonly step: number;
  /** The ECGs of its batch. */
  readonly recordIds: readonly string[];
  /** Steps done at the last good checkpoint, which is kept; 0 when there is none yet. */
  readonly checkpoint: number;

  constructor(
    fault: LossFault,
    {
      step,
      recordIds,
      checkpoint,
      folder,
      training = 'pretraining',
    }: { step: number; recordIds: readonly string[]; checkpoint: number; folder: string; training?: string },
  ) {
    const kept = checkpoint === 0 ? 'no checkpoint yet' : `the checkpoint after ${checkpoint} steps is kept`;
    super('DivergedError', training, {
      expected: fault.expected,
      actual: `${fault.actual} at step ${step}, records ${recordIds.join(' ')}; ${kept}; a lower learning rate may help`,
      where: { file: folder },
    });
    this.step = step;
    this.recordIds = recordIds;
    this.checkpoint = checkpoint;
  }
}
