/** Bytes of WebAssembly instructions; nested as they were put together. */
export type Code = readonly (number | Code)[];

/** A function of 32-bit addresses and counts, without a result. */
export interface WasmFunction {
  name: string;
  /** how many parameters it takes: locals 0 to parameters - 1 */
  parameters: number;
  /** how many 128-bit locals it has: they follow the parameters, and begin as zeros */
  vectors: number;
  code: Code;
}

/** The instructions that our kernels need, as the WebAssembly specification encodes them. */
export const wasm = {
  get: (local: number): Code => [0x20, local],
  set: (local: number, value: Code): Code => [value, 0x21, local],
  add: (a: Code, b: Code): Code => [a, b, 0x6a],
  /** a constant of 0 or more */
  constant: (value: number): Code => [0x41, signed(value)],
  /** runs the code again as long as a local is below another, as unsigned numbers */
  loopWhileBelow: (local: number, end: number, code: Code): Code => {
    return [0x03, 0x40, code, 0x20, local, 0x20, end, 0x49, 0x0d, 0x00, 0x0b];
  },
  /** two doubles, or four floats, at an address */
  load: (address: Code, offset = 0): Code => [address, 0xfd, 0x00, 4, unsigned(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [address, value, 0xfd, 0x0b, 4, unsigned(offset)],
  /** one float, as a double, twice */
  loadFloatTwice: (address: Code, offset = 0): Code => [address, 0xfd, 0x09, 2, unsigned(offset), 0xfd, 0x5f],
  /** one double, twice */
  loadDoubleTwice: (address: Code, offset = 0): Code => [address, 0xfd, 0x0a, 3, unsigned(offset)],
  /** floats at two offsets, as doubles */
  loadTwoFloats: (address: Code, [first, second]: readonly [number, number]): Code => {
    const one = [address, 0xfd, 0x5c, 2, unsigned(first)];
    return [address, one, 0xfd, 0x56, 2, unsigned(second), 1, 0xfd, 0x5f];
  },
  /** two doubles as floats, the other two 0; writes one of four floats */
  singles: (doubles: Code): Code => [doubles, 0xfd, 0x5e],
  storeFloat: (address: Code, floats: Code, { lane, offset }: { lane: number; offset: number }): Code => {
    return [address, floats, 0xfd, 0x5a, 2, unsigned(offset), lane];
  },
  /** of four floats each: the smaller, the larger (the first where the second is NaN), sum and difference */
  smaller: (a: Code, b: Code): Code => [a, b, 0xfd, 0xea, 0x01],
  larger: (a: Code, b: Code): Code => [a, b, 0xfd, 0xeb, 0x01],
  plusFloats: (a: Code, b: Code): Code => [a, b, 0xfd, 0xe4, 0x01],
  minusFloats: (a: Code, b: Code): Code => [a, b, 0xfd, 0xe5, 0x01],
  /** puts a 16-bit integer into one of the eight of a vector */
  loadShort: (address: Code, vector: Code, lane: number): Code => [address, vector, 0xfd, 0x55, 1, 0, lane],
  /** of eight 16-bit integers: the first four, or the others, as 32-bit ones; where two are equal, all bits set */
  firstShorts: (shorts: Code): Code => [shorts, 0xfd, 0xa7, 0x01],
  lastShorts: (shorts: Code): Code => [shorts, 0xfd, 0xa8, 0x01],
  equalShorts: (a: Code, b: Code): Code => [a, b, 0xfd, 0x2d],
  or: (a: Code, b: Code): Code => [a, b, 0xfd, 0x50],
  /** of four 32-bit integers each: sum and difference modulo 2^32; as floats */
  plusIntegers: (a: Code, b: Code): Code => [a, b, 0xfd, 0xae, 0x01],
  minusIntegers: (a: Code, b: Code): Code => [a, b, 0xfd, 0xb1, 0x01],
  floats: (integers: Code): Code => [integers, 0xfd, 0xfa, 0x01],
  /** of four floats each */
  over: (a: Code, b: Code): Code => [a, b, 0xfd, 0xe7, 0x01],
  /** of two doubles each */
  plus: (a: Code, b: Code): Code => [a, b, 0xfd, 0xf0, 0x01],
  times: (a: Code, b: Code): Code => [a, b, 0xfd, 0xf2, 0x01],
};

/**
 * Assembles a WebAssembly module of functions that share an imported memory, `memory` of the module `kernels`.
 *
 * JavaScript has no SIMD; the few loops that need it are put together here, without a compiler.
 */
export function assembleWasm(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const [I32, V128] = [0x7f, 0x7b];
  const types = functions.map(({ parameters }) => [0x60, list(Array(parameters).fill(I32)), list([])]);
  const memory = [text('kernels'), text('memory'), 0x02, 0x00, 1]; // at least one page
  const exported = functions.map(({ name }, i) => [text(name), 0x00, i]);
  const bodies = functions.map(({ vectors, code }) => {
    const body = flat([list([[vectors, V128]]), code, 0x0b]);
    return [unsigned(body.length), body];
  });
  const section = (id: number, entries: Code): Code => {
    const bytes = flat(list(entries));
    return [id, unsigned(bytes.length), bytes];
  };
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
      section(1, types),
      section(2, [memory]),
      section(
        3,
        functions.map((_, i) => i),
      ),
      section(7, exported),
      section(10, bodies),
    ]),
  );
}

function list(entries: Code): Code {
  return [unsigned(entries.length), entries];
}

function text(value: string): Code {
  return list([...Buffer.from(value)]);
}

function flat(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : flat(part)));
}

/** LEB128: seven bits a byte, the lowest first; the high bit says that more follow. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** The same of a number of 0 or more where the last byte's bit 6 is the sign. */
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}
