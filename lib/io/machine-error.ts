import { type KitError, StorageError } from '../errors';

/** A machine that could not do its part, such as a full disk; no word about the data. */
export class MachineError extends StorageError {}

/** What a system answers when it is out of something. */
const OUT_OF = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM'];

/** Whether an error is the machine's: the next record would fail as well, however good it is. */
export function isOfTheMachine(fault: KitError): boolean {
  const code = (fault.cause as NodeJS.ErrnoException | undefined)?.code;
  return fault instanceof MachineError || (code !== undefined && OUT_OF.includes(code));
}
