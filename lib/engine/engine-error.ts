import { KitError } from '../errors';

/** A backend that was asked for and does not load here, or settings that the loaded one cannot take any more. */
export class EngineError extends KitError<'EngineError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('EngineError', what, details);
  }
}
