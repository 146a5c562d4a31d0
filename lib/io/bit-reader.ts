/** Thrown by a `BitReader` that is asked for more bits than there are. */
export class EndOfBits extends Error {}

/** Reads numbers of any width, the highest bit first, out of bytes. */
export class BitReader {
  /** Index of the byte that the next bit is in. */
  private byte: number;
  /** Bits of it that are read already, 0 to 7. */
  private bit = 0;

  /**
   * @param bytes what to read
   * @param start first byte
   */
  constructor(
    private readonly bytes: Uint8Array,
    start = 0,
  ) {
    this.byte = start;
  }

  /** Index of the next whole byte. */
  get position(): number {
    return this.bit === 0 ? this.byte : this.byte + 1;
  }

  /** Skips to the next whole byte; returns the skipped bits, which padding has at 0. */
  align(): number {
    return this.bit === 0 ? 0 : this.unsigned(8 - this.bit);
  }

  /**
   * The next bits as an unsigned number.
   *
   * @param width 0 to 32
   * @throws EndOfBits
   */
  unsigned(width: number): number {
    if (width > 24) return this.unsigned(width - 16) * 2 ** 16 + this.unsigned(16);
    if (width === 0) return 0;
    const value = (this.window() << this.bit) >>> (32 - width);
    this.skip(width);
    return value;
  }

  /**
   * The next bits as a two's complement number.
   *
   * @param width 0 to 32
   * @throws EndOfBits
   */
  signed(width: number): number {
    const value = this.unsigned(width);
    return width > 0 && value >= 2 ** (width - 1) ? value - 2 ** width : value;
  }

  /**
   * Counts the 0 bits before the next 1, and reads them and the 1.
   *
   * @throws EndOfBits
   */
  zeros(): number {
    let count = 0;
    for (;;) {
      // the window's last bits are lost to the shift: 25 are sure
      const found = Math.clz32(this.window() << this.bit);
      if (found < 25) {
        this.skip(found + 1);
        return count + found;
      }
      this.skip(24);
      count += 24;
    }
  }

  /** Four bytes from here on; 0 where there are none. */
  private window(): number {
    const { bytes, byte } = this;
    if (byte + 3 < bytes.length) {
      return (bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3];
    }
    let value = 0;
    for (let i = 0; i < 4; i++) value = (value << 8) | (byte + i < bytes.length ? bytes[byte + i] : 0);
    return value;
  }

  private skip(bits: number): void {
    const ahead = this.bit + bits;
    this.byte += ahead >> 3;
    this.bit = ahead & 7;
    if (this.byte + (this.bit > 0 ? 1 : 0) > this.bytes.length) throw new EndOfBits();
  }
}
