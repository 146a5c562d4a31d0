// One notebook's cells, run by tslab's own converter and executor in a process of its own (started by run-notebook.ts).
//
// tslab's kernel needs Jupyter and loses output when much is printed; its two halves do not. They are internals of
// tslab, whose version is therefore pinned, and a test runs the same notebook through the real kernel.

import { format } from 'node:util';
import type { Output } from './notebook-file';

/** What the parent sends: the code of all cells, in order. */
export interface CellsMessage {
  sources: string[];
}

/** What this process sends back. */
export type ProcessMessage =
  | { type: 'start'; cell: number }
  | { type: 'output'; cell: number; output: Output; displayId?: string; update?: boolean }
  | { type: 'end'; cell: number; ok: boolean };

interface Executor {
  execute(source: string): Promise<boolean>;
  interrupt(): void;
}

process.on('disconnect', () => process.exit(1)); // its parent is gone: nobody would take what it makes, or end it

process.once('message', ({ sources }: CellsMessage) => {
  void runCells(sources);
});

async function runCells(sources: readonly string[]): Promise<void> {
  let cell = 0;
  const send = (message: ProcessMessage) =>
    new Promise<void>((done) => process.send?.(message, undefined, {}, () => done()));
  const output = (output: Output, display: { displayId?: string; update?: boolean } = {}) =>
    void send({ type: 'output', cell, output, ...display });
  const fail = (error: unknown) => output(errorOutput(error));

  captureStream('stdout', output);
  captureStream('stderr', output);
  // An error that no cell awaits ends the notebook too; tslab's kernel only prints it.
  const end = (error: unknown) => {
    fail(error);
    void send({ type: 'end', cell, ok: false });
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  captureDisplays(output);
  const executor = createExecutor(fail);
  let interrupted = false; // tslab forgets an interrupt that comes between two cells
  process.on('SIGINT', () => {
    interrupted = true;
    executor.interrupt();
  });

  for (const source of sources) {
    await send({ type: 'start', cell });
    const ok = !interrupted && (await executor.execute(source));
    await send({ type: 'end', cell, ok });
    if (!ok) break;
    cell++;
  }
}

function createExecutor(fail: (error: unknown) => void): Executor {
  const { createConverter } = require('tslab/dist/converter.js');
  const { createExecutor } = require('tslab/dist/executor.js');
  const converters = { node: createConverter({ isJS: false, isBrowser: false }), browser: undefined, close() {} };
  // tslab prints a type error as a format string with its parts, a thrown error as it is.
  const error = (first: unknown, ...rest: unknown[]) =>
    fail(rest.length === 0 ? first : { name: 'TypeScript', message: format(first, ...rest) });
  return createExecutor(process.cwd(), converters, { log: console.log, error });
}

function errorOutput(error: unknown): Output {
  const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>;
  const traceback = stack.split('\n').filter((line) => !OURS.test(line));
  return { output_type: 'error', ename: name, evalue: message, traceback };
}

// Frames of a stack below the cell's own.
const OURS = /^ +at .*(node:vm|node:internal|tslab.dist|notebook-process)/;

function captureStream(name: 'stdout' | 'stderr', output: (output: Output) => void): void {
  process[name].write = ((data: string | Uint8Array, ...rest: unknown[]) => {
    output({ output_type: 'stream', name, text: typeof data === 'string' ? data : Buffer.from(data).toString('utf8') });
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof process.stdout.write;
}

interface DisplayMessage {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  transient?: { display_id?: string };
}

type Emit = (output: Output, display?: { displayId?: string; update?: boolean }) => void;

function captureDisplays(output: Emit): void {
  const jupyter = require('tslab/dist/jupyter.js');
  jupyter.lastWriteDisplayData = ({ data, metadata = {}, transient }: DisplayMessage, update = false) =>
    output({ output_type: 'display_data', data, metadata }, { displayId: transient?.display_id, update });
}
