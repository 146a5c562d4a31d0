import { createRequire } from 'node:module';
import { MissingFileError, printable } from '../errors';

/** One output in several formats by MIME type; the notebook shows the richest it knows. */
export type Bundle = Readonly<Record<string, unknown>>;

type WriteDisplayData = (
  output: { data: Bundle; metadata: object; transient: { display_id?: string } },
  update: boolean,
) => void;

/**
 * Shows an output below the running cell, outside a notebook its text.
 *
 * @param bundle by MIME type; `text/plain` is what a terminal gets
 * @param options.id a name to replace the output by later; options.update replace the output of this name
 * @param options.volatile it is of the moment, such as a progress bar: a notebook that is kept leaves it out
 * @returns whether a notebook took it
 */
export function showBundle(
  bundle: Bundle & { readonly 'text/plain': string },
  options: { readonly id?: string; readonly update?: boolean; readonly volatile?: boolean } = {},
): boolean {
  const plain = printable(bundle['text/plain']); // a notebook obeys escape sequences as a terminal does
  const write = notebookWriter();
  if (write === undefined) {
    console.log(plain);
    return false;
  }
  const metadata = options.volatile ? { volatile: true } : {};
  write(
    { data: { ...bundle, 'text/plain': plain }, metadata, transient: { display_id: options.id } },
    options.update ?? false,
  );
  return true;
}

/** Whether this code runs in a cell of a tslab notebook. */
export function inNotebook(): boolean {
  return notebookWriter() !== undefined;
}

/**
 * Loads a package that only notebooks use, and that the library therefore does not bring.
 *
 * @param name as npm knows it
 * @param load imports it
 * @throws MissingFileError when it is not installed, with the command that installs it
 */
export async function loadNotebookPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
    if (!missing || !/^Cannot find \w+ '([^']*)'/.exec(message)?.[1].startsWith(name)) throw cause; // another, which it needs
    const expected = `it to be installed (\`npm install ${name}\`)`;
    throw new MissingFileError(`package ${name}`, { expected, actual: 'no such package', cause });
  }
}

/** tslab's own writer takes a whole bundle, its public API one type; only a running kernel has it loaded. */
function notebookWriter(): WriteDisplayData | undefined {
  const near = createRequire(__filename);
  try {
    const kernel = near.cache[near.resolve('tslab/dist/jupyter.js')];
    return (kernel?.exports as { lastWriteDisplayData?: WriteDisplayData | null })?.lastWriteDisplayData ?? undefined;
  } catch {
    return undefined; // tslab is not installed: no notebook
  }
}
