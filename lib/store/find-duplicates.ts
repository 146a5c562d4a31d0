/** Records of a store in their order, by what decides whether two are the same. */
export interface StoredContents {
  readonly length: number;
  /** `contentHash` of a record, its two halves. */
  readonly hashes: Uint32Array;
  /** Whether two records are stored as the same bytes. */
  same(a: number, b: number): boolean;
}

/** Room for the hashes of so many records. */
export function hashColumn(records: number): Uint32Array {
  return new Uint32Array(2 * records);
}

/**
 * Finds records whose stored values equal those of an earlier one.
 *
 * A hash table of record numbers, at most half full: 4 to 8 bytes a record besides the 8 of its hash, so some 20 MB for the
 * 1.3 million. Equal hashes are proved by comparing the values.
 *
 * @returns later record -> the first that it equals, in the order of the later ones
 */
export function findDuplicates({ length, hashes, same }: StoredContents): Map<number, number> {
  const duplicates = new Map<number, number>();
  const size = 2 ** Math.ceil(Math.log2(2 * length + 1));
  const table = new Int32Array(size); // record + 1; 0 is free
  for (let record = 0; record < length; record++) {
    const [high, low] = [hashes[2 * record], hashes[2 * record + 1]];
    let place = low & (size - 1);
    for (; table[place] !== 0; place = (place + 1) & (size - 1)) {
      const earlier = table[place] - 1;
      const alike = hashes[2 * earlier] === high && hashes[2 * earlier + 1] === low;
      if (!alike || !same(earlier, record)) continue;
      duplicates.set(record, earlier);
      break;
    }
    if (table[place] === 0) table[place] = record + 1;
  }
  return duplicates;
}
