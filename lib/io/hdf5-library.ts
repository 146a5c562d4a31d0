/** The calls of h5wasm that the kit makes: HDF5 2.0 as WebAssembly, on the files of this machine. */
export interface H5Module {
  open(path: string, mode: number, trackOrder: boolean, low: number, high: number): bigint;
  close_file(file: bigint): number;
  get_type(file: bigint, name: string): number;
  get_names(file: bigint, group: string, recursive: boolean): string[];
  get_dataset_metadata(file: bigint, name: string): H5Metadata;
  get_dataset_filters(file: bigint, name: string): { readonly id: number; readonly name: string }[];
  get_dataset_data(
    file: bigint,
    name: string,
    count: readonly bigint[],
    offset: readonly bigint[],
    strides: readonly bigint[],
    target: bigint,
  ): number;
  readonly H5G_DATASET: number;
  readonly HEAPU8: Uint8Array;
  readonly FS: FileSystem;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** What HDF5 says of a dataset. */
export interface H5Metadata {
  /** HDF5's class of the type: 0 whole numbers, 1 floating point, 3 text; -1 where it cannot tell. */
  readonly type: number;
  /** Bytes of a value. */
  readonly size: number;
  readonly signed: boolean;
  /** Whether it is text of varying length. */
  readonly vlen: boolean;
  readonly shape: readonly number[] | null;
  readonly chunks: readonly number[] | null;
  readonly virtual_sources?: readonly unknown[];
}

/** h5wasm's writing end. */
export type H5FileWriter = new (
  path: string,
  mode: 'w',
) => {
  create_dataset(options: {
    name: string;
    data: ArrayBufferView | readonly string[];
    shape: readonly number[];
    dtype: string;
    maxshape?: readonly number[];
    chunks?: readonly number[];
    compression?: 'gzip';
    compression_opts?: number;
  }): {
    resize(shape: readonly number[]): number;
    write_slice(ranges: [number, number][], data: ArrayBufferView): void;
  };
  close(): number;
};

/** Outcome of a call: its result, or what HDF5 says went wrong. */
export type H5Outcome<T> = { readonly value: T; readonly fault?: undefined } | { readonly fault: string };

/** HDF5, loaded. */
export interface Hdf5Library {
  readonly File: H5FileWriter;
  /**
   * Makes calls that touch one file.
   *
   * HDF5 may open no other file meanwhile (external links, external storage and filter plugins do not lead out), and may
   * not hold more than `MEMORY_BYTES`. What it reports of faults comes back instead of going to the terminal.
   *
   * @param path the file, absolute
   * @param act the calls
   */
  call<T>(path: string, act: (module: H5Module) => T): H5Outcome<T>;
}

/** Bytes that HDF5 may hold; a size that a damaged file claims ends there. */
export const MEMORY_BYTES = 512 * 2 ** 20;

const PAGE_BYTES = 65_536;
const ACCESS_DENIED = 2; // EACCES as WASI numbers it

let library: Promise<Hdf5Library> | undefined;

/** Loads HDF5 once a process, 0.2 s. */
export function loadHdf5(): Promise<Hdf5Library> {
  library ??= load();
  return library;
}

/** What a call is about, while it runs. */
interface Call {
  readonly path: string;
  heard: string;
}

async function load(): Promise<Hdf5Library> {
  let current: Call | undefined;
  // h5wasm binds console.error while it loads: what it says of a memory that may not grow is heard here
  const say = console.error;
  console.error = (...parts: unknown[]) => {
    if (current === undefined) say.apply(console, parts);
  };
  const { default: h5wasm } = await import('h5wasm/node').finally(() => {
    console.error = say;
  });
  const module = (await h5wasm.ready) as unknown as H5Module;
  limitMemory(module);
  watchFiles(module.FS, () => current);
  return {
    File: h5wasm.File as unknown as H5FileWriter,
    call(path, act) {
      const call: Call = { path, heard: '' };
      current = call;
      try {
        const value = act(module);
        return call.heard === '' ? { value } : { fault: reasonOf(call.heard) };
      } catch (fault) {
        return { fault: call.heard === '' ? (fault as Error).message : reasonOf(call.heard) };
      } finally {
        current = undefined;
      }
    },
  };
}

/** What is there of Emscripten's file system; open streams carry the descriptor of the machine. */
interface FileSystem {
  open(path: string, ...rest: unknown[]): unknown;
  write(
    stream: { readonly nfd?: number },
    bytes: Uint8Array,
    offset: number,
    length: number,
    ...rest: unknown[]
  ): number;
  fstat(descriptor: number): { ino: number };
  readonly ErrnoError: new (code: number) => Error;
}

/**
 * During a call: keeps what HDF5 writes to stdout and stderr, and opens no file but the call's.
 *
 * HDF5 tells files apart by inode, and shares what it holds in memory among those that are open: a file that was damaged,
 * and not let go of, would be seen again after it has been mended in place. So each opening has an inode of its own.
 */
function watchFiles(files: FileSystem, current: () => Call | undefined): void {
  const { open, write, fstat } = files;
  let openings = 0;
  files.open = (path, ...rest) => {
    const call = current();
    if (call !== undefined && call.path !== path) throw new files.ErrnoError(ACCESS_DENIED);
    return open(path, ...rest);
  };
  files.fstat = (descriptor) => {
    const stats = fstat(descriptor);
    if (current() !== undefined) stats.ino = ++openings;
    return stats;
  };
  files.write = (stream, bytes, offset, length, ...rest) => {
    const call = current();
    if (call === undefined || (stream.nfd !== 1 && stream.nfd !== 2))
      return write(stream, bytes, offset, length, ...rest);
    call.heard += Buffer.from(bytes.slice(offset, offset + length)).toString();
    return length;
  };
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Gives the memory of the module a limit below WebAssembly's own of 2 GiB; the memory is found by letting it grow once. */
function limitMemory(module: H5Module): void {
  const prototype = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly.Memory
    .prototype;
  const { grow } = prototype;
  let memory: Memory | undefined;
  prototype.grow = function (this: Memory, pages) {
    memory = this;
    return grow.call(this, pages);
  };
  try {
    module._free(module._malloc(module.HEAPU8.length));
  } finally {
    prototype.grow = grow;
  }
  if (memory === undefined) return;
  const found = memory;
  found.grow = (pages) => {
    if (found.buffer.byteLength + pages * PAGE_BYTES > MEMORY_BYTES) throw new RangeError('HDF5 holds all it may');
    return grow.call(found, pages);
  };
}

/** The innermost reason in an error stack of HDF5; lines such as `#003: H5Z.c line 9 in H5Z_pipeline(): no filter`. */
function reasonOf(stack: string): string {
  const reasons = [...stack.matchAll(/^ *#\d+: .* in \w+\(\): (.*)$/gm)].map(([, reason]) => reason.trim());
  return reasons.at(-1) ?? stack.trim().slice(0, 120);
}
