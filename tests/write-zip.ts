import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive that a test writes; what it claims may be wrong. */
export interface ZipSource {
  readonly name: string | Buffer;
  readonly bytes: Buffer;
  /** 0 stored, 8 deflated; default 8. */
  readonly method?: number;
  /** General purpose flags; default 0x800, UTF-8 names. */
  readonly flags?: number;
  /** What the directory says, where it is not the truth. */
  readonly claims?: {
    readonly size?: number;
    readonly packed?: number;
    readonly crc?: number;
    readonly offset?: number;
  };
  /** Name in the local header, where it is another. */
  readonly localName?: string;
  /** Sizes and place as 64-bit numbers. */
  readonly zip64?: boolean;
}

/** A zip archive; written by hand, so that it can lie. */
export function zipBytes(files: readonly ZipSource[], options: { readonly entries?: number } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, method = 8, flags = 0x800, claims = {}, localName, zip64 = false } of files) {
    const data = method === 8 ? deflateRawSync(bytes) : bytes;
    const nameBytes = Buffer.from(name);
    const { size = bytes.length, packed = data.length, crc = crc32(bytes), offset: place = offset } = claims;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(zip64 ? 0xffffffff : packed, 18);
    local.writeUInt32LE(zip64 ? 0xffffffff : size, 22);
    const ownName = Buffer.from(localName ?? name);
    local.writeUInt16LE(ownName.length, 26);
    local.writeUInt16LE(4, 28); // an extra field that the directory does not have
    const extra = zip64 ? Buffer.alloc(28) : Buffer.alloc(0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, value] of [size, packed, place].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
    }
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(zip64 ? 45 : 20, 6);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(zip64 ? 0xffffffff : packed, 20);
    record.writeUInt32LE(zip64 ? 0xffffffff : size, 24);
    record.writeUInt16LE(nameBytes.length, 28);
    record.writeUInt16LE(extra.length, 30);
    record.writeUInt32LE(zip64 ? 0xffffffff : place, 42);
    parts.push(local, ownName, Buffer.from([0xaa, 0xaa, 0, 0]), data);
    directory.push(record, nameBytes, extra);
    offset += 30 + ownName.length + 4 + data.length;
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  const { entries = files.length } = options;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, records, end]);
}
