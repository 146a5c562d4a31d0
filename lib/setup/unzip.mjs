import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';

/**
 * Extracts the entries of a zip file that `wanted` names, checking each one's size and CRC-32.
 *
 * Reads the central directory (APPNOTE 4.3.12), streams each entry, and hashes it on the way out.
 *
 * @param path the zip file, under 4 GB (no zip64)
 * @param folder where the entries go
 * @param wanted maps an entry's name to its path under `folder`, or to undefined to leave it
 * @param progress called with the bytes written so far
 * @returns a row an entry: `{ path, size, sha256 }`
 * @throws Error naming the file and the entry when the bytes are not what the directory says
 */
export async function unzip(path, folder, wanted, progress = () => {}) {
  const rows = [];
  let written = 0;
  for (const entry of await centralDirectory(path)) {
    const to = entry.name.endsWith('/') ? undefined : wanted(entry.name);
    if (to === undefined) continue;
    const file = resolve(folder, to);
    if (!file.startsWith(resolve(folder) + sep)) throw new Error(`${path}: ${entry.name}: leads out of the folder`);
    mkdirSync(dirname(file), { recursive: true });
    const hash = createHash('sha256');
    let crc = 0;
    let size = 0;
    const check = new Transform({
      transform(chunk, _, done) {
        crc = crc32(chunk, crc);
        hash.update(chunk);
        size += chunk.length;
        written += chunk.length;
        progress(written);
        done(null, chunk);
      },
    });
    const start = await dataStart(path, entry);
    const from =
      entry.packed === 0 ? Readable.from([]) : createReadStream(path, { start, end: start + entry.packed - 1 });
    const inflate = entry.method === 8 ? [createInflateRaw({ chunkSize: 1 << 20 })] : [];
    await pipeline([from, ...inflate, check, createWriteStream(file, { flush: true })]);
    if (size !== entry.size || crc !== entry.crc) {
      throw new Error(
        `${path}: ${entry.name}: expected ${entry.size} bytes with CRC-32 ${entry.crc}, got ${size} with ${crc}`,
      );
    }
    rows.push({ path: to, size, sha256: hash.digest('hex') });
  }
  return rows;
}

async function centralDirectory(path) {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tailSize = Math.min(size, 22 + 0xffff); // the end record and the longest comment
    const end = await read(file, size - tailSize, tailSize);
    const at = end.lastIndexOf(Buffer.from('PK\x05\x06'));
    if (at < 0)
      throw new Error(`${path}: no end-of-directory record: expected a zip file, got one cut short or damaged`);
    const directory = await read(file, end.readUInt32LE(at + 16), end.readUInt32LE(at + 12));
    const entries = [];
    for (let i = 0; i < directory.length; ) {
      if (directory.readUInt32LE(i) !== 0x02014b50) throw new Error(`${path}: the directory is damaged at byte ${i}`);
      const [name, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(i + offset));
      const [crc, packed, unpacked] = [16, 20, 24].map((offset) => directory.readUInt32LE(i + offset));
      const method = directory.readUInt16LE(i + 10);
      const header = directory.readUInt32LE(i + 42);
      const text = directory.toString('utf8', i + 46, i + 46 + name);
      if (method !== 0 && method !== 8) throw new Error(`${path}: ${text}: expected method 0 or 8, got ${method}`);
      entries.push({ name: text, method, crc, packed, size: unpacked, header });
      i += 46 + name + extra + comment;
    }
    return entries;
  } finally {
    await file.close();
  }
}

// An entry's data start after its local header, whose name and extra field have lengths of their own.
async function dataStart(path, entry) {
  const file = await open(path);
  try {
    const local = await read(file, entry.header, 30);
    if (local.length < 30 || local.readUInt32LE(0) !== 0x04034b50) {
      throw new Error(`${path}: ${entry.name}: expected a local header at byte ${entry.header}, got something else`);
    }
    return entry.header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

async function read(file, position, length) {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}
