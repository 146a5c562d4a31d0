import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArgumentError } from '../errors';
import { PART, writeFileWhole } from './whole-file';

/** Says whose a folder is while it is being written. */
const BEGUN_FILE = 'being-written.json';

/** What a folder may hold that is nobody's data: hidden files, locks, the root of a disk. */
const NOBODYS = /^\.|^lost\+found$|\.lock(\.\d+\.stale)?$/;

/** So many names are told. */
const MOST_NAMES = 3;

/** Who writes into a folder that a user named, and what is whose there. */
export interface FolderWriter {
  /** What it writes, such as `the store of ptb-xl`. */
  readonly writes: string;
  /** Whether it gives such names to its files and folders; a path inside the folder, with `/`. */
  names(path: string): boolean;
  /** What an earlier call has finished in the folder, in the words of `writes`; undefined where no file there says so. */
  finished(): string | undefined;
  /** Whether a path of such a name is of what was finished; default all are. */
  wrote?(path: string): boolean;
  /** Whether a call may replace what another has written; default only what `writes` names too. */
  replaces?(written: string): boolean;
  /** What a user can do to have it replaced, in words. */
  readonly cure?: string;
}

/**
 * Lets a writer into a folder that is empty, or that the same writer has written, finished or not; else the folder stays as
 * it is. In a folder of its own, files at the top whose names it never gives may lie beside: it does not touch them.
 *
 * From then on `being-written.json` says whose the folder is, so that the call after a killed one is let in: until
 * `releaseFolder`.
 *
 * @throws ArgumentError when the folder holds what the writer has not written; StorageError when the disk refuses
 */
export function claimFolder(folder: string, writer: FolderWriter): void {
  const { writes, wrote = () => true, replaces = (written) => written === writes, cure } = writer;
  const paths = pathsIn(folder, writer);
  const begun = begunIn(folder);
  const written = begun ?? writer.finished();
  const own = written !== undefined && replaces(written);
  const inTheWay = own
    ? paths.filter((path) => (writer.names(path) ? begun === undefined && !wrote(path) : path.includes('/')))
    : paths;
  if (inTheWay.length > 0) {
    const names = inTheWay.slice(0, MOST_NAMES).join(', ');
    const more = inTheWay.length > MOST_NAMES ? ` and ${inTheWay.length - MOST_NAMES} more` : '';
    const others = written !== undefined && !own;
    throw new ArgumentError('folder to write into', {
      expected: `an empty one, or ${writes}: name another folder, or move away what is here${others && cure ? `, or ${cure}` : ''}`,
      actual: `${others ? `${written}: ` : ''}${names}${more}`,
      where: { file: folder },
    });
  }
  writeFileWhole(join(folder, BEGUN_FILE), `${JSON.stringify({ writes })}\n`);
}

/** Whether a call has claimed a folder and not finished it. */
export function isBegun(folder: string): boolean {
  return begunIn(folder) !== undefined;
}

/** What a claimed folder holds is whole. */
export function releaseFolder(folder: string): void {
  if (!isBegun(folder)) return;
  for (const name of readdirSync(folder)) {
    if (withoutPart(name) === BEGUN_FILE) rmSync(join(folder, name), { force: true });
  }
}

/** Leaves a claimed folder as it was found where nothing has been written into it. */
export function releaseEmptyFolder(folder: string): void {
  const written = readdirSync(folder).some((name) => !NOBODYS.test(name) && withoutPart(name) !== BEGUN_FILE);
  if (!written) releaseFolder(folder);
}

/** Name of the file that a temporary name stands for; the name itself where it is not temporary. */
export function withoutPart(name: string): string {
  return name.endsWith(PART) ? name.replace(/(\.\d+)?\.part$/, '') : name;
}

function begunIn(folder: string): string | undefined {
  const file = join(folder, BEGUN_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const { writes } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof writes === 'string' ? writes : undefined;
  } catch {
    return undefined; // another's file
  }
}

/** What a folder holds, but for temporary files of the writer; deeper only where the writer goes too. */
function pathsIn(folder: string, { names }: FolderWriter): string[] {
  const paths: string[] = [];
  const folders = existsSync(folder) ? [''] : [];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      const whole = withoutPart(path);
      const temporary = whole !== path && names(whole);
      const note = whole === BEGUN_FILE && (whole !== path || isBegun(folder));
      if (NOBODYS.test(entry.name) || note || temporary) continue;
      paths.push(path);
      if (entry.isDirectory() && names(path)) folders.push(path);
    }
  }
  return paths.sort();
}
