import { fork } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { KitError } from '../errors';
import { isVolatile, joined, type Notebook, type Output, readNotebook } from './notebook-file';
import type { CellsMessage, ProcessMessage } from './notebook-process';

/** A cell that threw, has a type error, or did not end in time. */
export class NotebookError extends KitError<'NotebookError'> {
  constructor(what: string, details: ConstructorParameters<typeof KitError>[2]) {
    super('NotebookError', what, details);
  }
}

/** A process that is asked to stop is asked again every so many ms, and killed after so many times. */
const [ASK_MS, ASK_TIMES] = [500, 10];

/** How a notebook is run. */
export interface RunNotebookOptions {
  /** Variables set for its process besides ours, such as `HYBRID_ECG_PROFILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds that one cell may take; default 3600. */
  readonly cellTimeoutS?: number;
  /** Called when a code cell starts: its number from 1, how many there are. */
  readonly onCell?: (cell: number, cells: number) => void;
  /** Called with the text of an output that is of the moment, such as a progress bar; it may come often. */
  readonly onProgress?: (line: string) => void;
  /** Ends the run. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a notebook's code cells in order, without Jupyter, in a process of its own whose folder is the notebook's.
 *
 * @param path an .ipynb file; it stays as it is
 * @param options environment, time limit, progress
 * @returns the notebook with the new outputs
 * @throws NotebookError at the first cell that fails: its number, the error's name, message and stack
 */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<Notebook> {
  const { env = {}, cellTimeoutS = 3600, onCell, onProgress, signal } = options;
  const notebook = readNotebook(path);
  const code = notebook.cells.filter((cell) => cell.cell_type === 'code');
  const outputs: Output[][] = code.map(() => []);
  const displays = new Map<string, [cell: number, index: number]>();
  const child = fork(join(__dirname, 'notebook-process.js'), [], {
    cwd: dirname(resolve(path)),
    env: { ...process.env, ...env },
    execArgv: [],
  });
  const failed = (cell: number, actual: string) =>
    new NotebookError(`cell ${cell + 1}`, {
      expected: 'it to run',
      actual,
      where: { file: path },
      cause: signal?.aborted ? signal.reason : undefined,
    });

  await new Promise<void>((done, reject) => {
    let cell = 0;
    let limit: NodeJS.Timeout | undefined; // of the cell at hand
    let asking: NodeJS.Timeout | undefined;
    let stopped: string | undefined;
    // SIGINT lets tslab stop the cell, which may flush what it holds. It is lost where a cell's code is about to run,
    // because Node's vm takes the listeners away there.
    const stop = (why: string) => {
      stopped = why;
      clearTimeout(limit);
      let asked = 0;
      const ask = () => child.kill(asked++ < ASK_TIMES ? 'SIGINT' : 'SIGKILL');
      ask();
      asking = setInterval(ask, ASK_MS);
    };
    const abort = () => stop('aborted');
    signal?.addEventListener('abort', abort, { once: true });
    child.on('message', (message: ProcessMessage) => {
      if (message.type === 'output') {
        const { output } = message;
        if (isVolatile(output)) onProgress?.(String(output.data['text/plain'] ?? ''));
        return keep(message, outputs, displays);
      }
      clearTimeout(limit);
      if (message.type === 'start') {
        cell = message.cell;
        if (stopped !== undefined) return; // it ends without this cell
        onCell?.(cell + 1, code.length);
        limit = setTimeout(() => stop(`no end after ${cellTimeoutS} s`), cellTimeoutS * 1000);
      } else if (!message.ok) {
        reject(failed(cell, stopped ?? errorText(outputs[cell])));
      } else if (message.cell === code.length - 1) {
        done();
      }
    });
    child.on('error', reject);
    child.on('exit', (exitCode, killedBy) => {
      clearTimeout(limit);
      clearInterval(asking);
      signal?.removeEventListener('abort', abort);
      reject(failed(cell, stopped ?? `its process ended with ${killedBy ?? `exit code ${exitCode}`}`));
    });
    if (code.length === 0) done();
    else child.send({ sources: code.map((one) => joined(one.source)) } satisfies CellsMessage);
    if (signal?.aborted) abort();
  }).finally(() => child.kill('SIGKILL')); // TensorFlow's threads and open servers would keep it alive

  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type !== 'code') return cell;
    const index = code.indexOf(cell);
    return { ...cell, execution_count: index + 1, outputs: outputs[index] };
  });
  return { ...notebook, cells };
}

function keep(
  { cell, output, displayId, update }: Extract<ProcessMessage, { type: 'output' }>,
  outputs: Output[][],
  displays: Map<string, [number, number]>,
): void {
  const shown = displayId === undefined ? undefined : displays.get(displayId);
  if (update && shown !== undefined) {
    outputs[shown[0]][shown[1]] = output;
    return;
  }
  outputs[cell].push(output);
  if (displayId !== undefined) displays.set(displayId, [cell, outputs[cell].length - 1]);
}

function errorText(outputs: readonly Output[]): string {
  const errors = outputs.filter((output) => output.output_type === 'error');
  return errors
    .map(({ ename, evalue, traceback }) => `${ename}: ${evalue}\n${traceback.slice(1).join('\n')}`.trimEnd())
    .join('\n');
}
