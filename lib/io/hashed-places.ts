/** Places by hash, open addressing; several places may have one hash. */
export class HashedPlaces {
  private hashes = new Int32Array(64);
  private places = new Float64Array(64);
  private slots = new Int32Array(128); // item + 1; 0 is free
  private count = 0;

  /** Adds a place; returns how many now have its hash. */
  add(hash: number, place: number): number {
    if (this.count === this.hashes.length) this.grow();
    this.hashes[this.count] = hash;
    this.places[this.count] = place;
    return this.insert(this.count++);
  }

  /** Whether a place of this hash passes a test. */
  some(hash: number, test: (place: number) => boolean): boolean {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const item = slots[slot] - 1;
      if (this.hashes[item] === hash && test(this.places[item])) return true;
    }
    return false;
  }

  private insert(item: number): number {
    const mask = this.slots.length - 1;
    const hash = this.hashes[item];
    let same = 1;
    let slot = spread(hash) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.hashes[this.slots[slot] - 1] === hash) same++;
    }
    this.slots[slot] = item + 1;
    return same;
  }

  private grow(): void {
    const hashes = new Int32Array(2 * this.count);
    const places = new Float64Array(2 * this.count);
    hashes.set(this.hashes);
    places.set(this.places);
    this.hashes = hashes;
    this.places = places;
    this.slots = new Int32Array(4 * this.count);
    for (let item = 0; item < this.count; item++) this.insert(item);
  }
}

/** FNV's low bits are its weakest. */
function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}
