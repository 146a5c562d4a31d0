import { describe, expect, it } from 'vitest';
import { FormatError, StorageError } from '../lib/errors';
import { DivergedError } from '../lib/pretrain/diverged-error';
import { OutOfMemoryError } from '../lib/pretrain/out-of-memory';
import { receivedFault, sentFault } from '../lib/sent-fault';
import { WorkerError } from '../lib/worker-error';

/** What a message between processes leaves of a value. */
const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const classes = [DivergedError, OutOfMemoryError];

describe('an error of another process', () => {
  it.each([
    new FormatError('bytes', { expected: '240', actual: '7', where: { file: 'a.dat', record: '7', lead: 'V1' } }),
    new StorageError('cannot write', { expected: 'room', actual: 'ENOSPC', cause: new Error('system') }),
    new DivergedError(
      { expected: 'a finite loss', actual: 'NaN' },
      { step: 3, recordIds: ['7', '8'], checkpoint: 2, folder: '/runs/a' },
    ),
    new OutOfMemoryError({ what: 'training step', setting: 'batchSize', from: 64, limit: 64, cause: new Error('OOM') }),
  ])('is of its class, with its message and fields: $tag', (error) => {
    const received = receivedFault(overTheWire(sentFault(error)), classes);
    expect(received).toBeInstanceOf(error.constructor);
    expect(received).toBeInstanceOf(Error);
    expect({ ...received }).toEqual({ ...error });
    expect([received.message, received.name]).toEqual([error.message, error.name]);
    expect(received.stack).toContain(error.message);
  });

  it('of a class that is not known here keeps its tag', () => {
    const error = new WorkerError('worker', { expected: 'an end', actual: 'a crash' });
    const received = receivedFault(overTheWire(sentFault(error)), classes);
    expect(received).toMatchObject({ tag: 'WorkerError', name: 'WorkerError', message: error.message });
  });

  it('that is a fault of the program keeps the stack of its place', () => {
    const received = receivedFault(overTheWire(sentFault(new TypeError('no such function'))));
    expect(received.message).toMatch(/^TypeError: no such function\n {4}at /);
    expect(receivedFault(overTheWire(sentFault('a text'))).message).toBe('a text');
  });
});
