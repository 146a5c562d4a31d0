import { assembleWasm, type WasmFunction } from './wasm-assembler';

/** The part of WebAssembly's interface that is used here; the types of Node have none of it. */
interface WebAssemblyApi {
  validate(code: Uint8Array): boolean;
  Memory: new (options: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
}

/**
 * Compiles functions together, with a memory that they share.
 *
 * @param functions assembled by `assembleWasm`; the type names each with its parameters
 * @param bytes size of the memory, zeros at first; addresses are bytes of it
 * @returns the memory and the functions by name; undefined where WebAssembly has no SIMD
 */
export function wasmInstance<Functions extends object>(
  functions: readonly WasmFunction[],
  bytes: number,
): ({ memory: ArrayBuffer } & Functions) | undefined {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined) return undefined;
  const code = assembleWasm(functions);
  if (!WebAssembly.validate(code)) return undefined;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { kernels: { memory } });
  return { memory: memory.buffer, ...(exports as Functions) };
}
