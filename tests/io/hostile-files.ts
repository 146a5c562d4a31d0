import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a safetensors file of any header, then the bytes of the arrays; gives its path. */
export function safetensorsFile(folder: string, header: string | Buffer, arrays: Uint8Array = Buffer.alloc(0)): string {
  const path = join(folder, 'a.safetensors');
  const length = Buffer.alloc(8);
  const bytes = Buffer.from(header);
  length.writeBigUInt64LE(BigInt(bytes.length));
  writeFileSync(path, Buffer.concat([length, bytes, arrays]));
  return path;
}

/** Writes a .npy file of version 1 with any header, then the bytes of the values; gives its path. */
export function npyFile(folder: string, header: string | Buffer, values: Uint8Array = Buffer.alloc(0)): string {
  const path = join(folder, 'a.npy');
  const bytes = Buffer.from(header);
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(bytes.length, 8);
  writeFileSync(path, Buffer.concat([start, bytes, values]));
  return path;
}
