import { readFileSync } from 'node:fs';
import { FormatError, MissingFileError } from '../errors';
import { writeFileWhole } from '../io/whole-file';
import { renderPng } from '../report/render';

/** A cell's output as nbformat 4.5 has it. */
export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { output_type: 'display_data'; data: Bundle; metadata: Record<string, unknown> }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** One thing in several MIME types; text as a string or its lines. */
export type Bundle = Record<string, unknown>;

export interface Cell {
  cell_type: 'code' | 'markdown' | 'raw';
  id: string;
  metadata: Record<string, unknown>;
  source: string | string[];
  execution_count?: number | null;
  outputs?: Output[];
}

/** A Jupyter notebook, nbformat 4.5. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: 4;
  nbformat_minor: number;
}

/**
 * Reads a notebook.
 *
 * @throws MissingFileError when there is none
 * @throws FormatError when it is not nbformat 4
 */
export function readNotebook(path: string): Notebook {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MissingFileError('notebook', { expected: 'a file', actual: String(cause), where: { file: path }, cause });
  }
  let notebook: Notebook;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    throw new FormatError('notebook', { expected: 'JSON', actual: String(cause), where: { file: path }, cause });
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    const actual = `nbformat ${notebook?.nbformat}`;
    throw new FormatError('notebook', { expected: 'nbformat 4 with cells', actual, where: { file: path } });
  }
  return notebook;
}

/** Text of nbformat, which may be split into lines. */
export function joined(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('');
}

/**
 * Writes a notebook so that a rerun on the same data makes no difference, byte for byte.
 *
 * Execution counts are 1, 2, ...; outputs marked `metadata.volatile` (progress bars) and stderr are left out; streams
 * are joined; a chart is kept as one PNG, which every viewer shows, also of a notebook that it does not trust; keys are
 * sorted and indented as JupyterLab does.
 */
export function writeNotebook(path: string, notebook: Notebook): void {
  writeFileWhole(path, `${JSON.stringify(sorted(normalise(notebook)), undefined, 1)}\n`);
}

/** The notebook as `writeNotebook` writes it; the argument stays as it is. */
export function normalise(notebook: Notebook): Notebook {
  let count = 0;
  const cells = notebook.cells.map((cell) => {
    const source = lines(joined(cell.source));
    if (cell.cell_type !== 'code') return { ...cell, source };
    const outputs = joinStreams(cell.outputs ?? []).filter(
      (output) => !isVolatile(output) && !(output.output_type === 'stream' && output.name === 'stderr'),
    );
    return { ...cell, source, execution_count: ++count, metadata: {}, outputs: outputs.map(withLines) };
  });
  return { ...notebook, cells: cells as Cell[], metadata: { kernelspec: KERNEL, language_info: LANGUAGE } };
}

const KERNEL = { display_name: 'TypeScript', language: 'typescript', name: 'tslab' };

// What tslab 1.0.22 says of itself, and JupyterLab writes on saving.
const LANGUAGE = {
  codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
  file_extension: '.ts',
  mimetype: 'text/typescript',
  name: 'typescript',
  version: '3.7.2',
};

/** Whether an output is of the moment, such as a progress bar. */
export function isVolatile(output: Output): output is Extract<Output, { output_type: 'display_data' }> {
  return output.output_type === 'display_data' && output.metadata.volatile === true;
}

function joinStreams(outputs: readonly Output[]): Output[] {
  const joinedOutputs: Output[] = [];
  for (const output of outputs) {
    const last = joinedOutputs.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      last.text = joined(last.text) + joined(output.text);
    } else {
      joinedOutputs.push({ ...output });
    }
  }
  return joinedOutputs;
}

function withLines(output: Output): unknown {
  if (output.output_type === 'stream') return { ...output, text: lines(joined(output.text)) };
  if (output.output_type === 'error') return output;
  const { 'image/svg+xml': svg, ...others } = output.data;
  const drawn = typeof svg === 'string' || Array.isArray(svg);
  const picture = drawn ? { 'image/png': pngOf(joined(svg as string | string[])) } : {};
  const kept = Object.entries(others).filter(([type]) => !(drawn && (type.includes('vega') || type === 'image/png')));
  const data = [...kept, ...Object.entries(picture)].map(([type, value]) => [
    type,
    typeof value === 'string' && type !== 'image/png' ? lines(value) : value,
  ]);
  return { output_type: output.output_type, data: Object.fromEntries(data), metadata: output.metadata };
}

function pngOf(svg: string): string {
  return Buffer.from(renderPng(svg, { scale: 1, colours: 'palette' })).toString('base64');
}

// nbformat writes text as a list of lines, each with its end.
function lines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
