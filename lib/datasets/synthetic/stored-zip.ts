import { crc32 } from 'node:zlib';

/**
 * A zip archive of one file, stored without compression, so that its bytes do not depend on a version of zlib.
 *
 * @param name of the file in it
 */
export function storedZip(name: string, bytes: Uint8Array): Buffer {
  const nameBytes = Buffer.from(name);
  const fields = Buffer.alloc(26); // of the local header, and of the directory but for its first two bytes
  fields.writeUInt16LE(20, 0); // version 2.0
  fields.writeUInt16LE(0x800, 2); // the name is UTF-8
  fields.writeUInt16LE(0x21, 8); // 1 January 1980
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(nameBytes.length, 22);
  const local = Buffer.concat([signature(0x04034b50), fields, nameBytes, bytes]);
  const directory = Buffer.concat([signature(0x02014b50), Buffer.from([20, 0]), fields, Buffer.alloc(14), nameBytes]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
