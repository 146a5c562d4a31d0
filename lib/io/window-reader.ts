import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from './byte-source';

/** Gives yauzl a file's bytes at once, before its call returns, out of a stretch that is read in one go. */
export class WindowReader extends RandomAccessReader {
  /** Bytes to read at least where the window must move; each size has a window, so that a look-up leaves a scan's. */
  stretch: number;
  private readonly windows = new Map<number, { bytes: Buffer; start: number }>();

  /** @param stretch of the first reads */
  constructor(
    private readonly source: ByteSource,
    stretch: number,
  ) {
    super();
    this.stretch = stretch;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytes?: number) => void,
  ): void {
    let window = this.windows.get(this.stretch);
    if (window === undefined || position < window.start || position + length > window.start + window.bytes.length) {
      try {
        window = this.move(position, Math.max(length, this.stretch));
      } catch (fault) {
        callback(fault as Error);
        return;
      }
    }
    const from = position - window.start;
    callback(null, window.bytes.copy(buffer, offset, from, from + length));
  }

  private move(start: number, length: number): { bytes: Buffer; start: number } {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.source.size - start)));
    const window = { bytes: bytes.subarray(0, this.source.readInto(bytes, start)), start };
    this.windows.set(this.stretch, window);
    return window;
  }
}
