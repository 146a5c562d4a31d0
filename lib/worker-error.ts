import { KitError } from './errors';

/** A worker process that ended before its work was done. */
export class WorkerError extends KitError<'WorkerError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('WorkerError', what, details);
  }
}
