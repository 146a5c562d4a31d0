/**
 * 64 bits of a record's stored values, as 16 hexadecimal digits: equal records have equal ones, and of a million that differ
 * no two are likely to. Not cryptographic; whoever finds two equal compares the values.
 *
 * Four lanes of multiply and rotate, each over every fourth word, mixed as MurmurHash3 ends.
 *
 * @param words the values' bytes as 32-bit words
 */
export function contentHash(words: Int32Array): string {
  let [a, b, c, d] = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  const rotated = (h: number) => (h << 13) | (h >>> 19);
  let i = 0;
  for (; i + 3 < words.length; i += 4) {
    a = rotated(Math.imul(a ^ words[i], 0xcc9e2d51));
    b = rotated(Math.imul(b ^ words[i + 1], 0x1b873593));
    c = rotated(Math.imul(c ^ words[i + 2], 0xcc9e2d51));
    d = rotated(Math.imul(d ^ words[i + 3], 0x1b873593));
  }
  for (; i < words.length; i++) a = rotated(Math.imul(a ^ words[i], 0xcc9e2d51));
  return hex(mixed(mixed(a) ^ b)) + hex(mixed(mixed(c ^ a) ^ d));
}

function mixed(h: number): number {
  let mixing = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}

function hex(h: number): string {
  return (h >>> 0).toString(16).padStart(8, '0');
}
