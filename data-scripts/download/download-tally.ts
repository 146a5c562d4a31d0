import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteFile } from './remote-file';

/** How far a download is, bytes. */
export interface DownloadProgress {
  readonly done: number;
  /** Grows where a publisher's size was a guess. */
  readonly total: number;
  /** Of `done`: what earlier calls had brought. */
  readonly resumed: number;
}

/** Adds up what is here of each file. */
export class DownloadTally {
  readonly resumed: number;
  private readonly sizes = new Map<RemoteFile, number>();

  constructor(
    folder: string,
    private readonly files: readonly RemoteFile[],
    private readonly onProgress?: (progress: DownloadProgress) => void,
  ) {
    for (const file of files) {
      const path = join(folder, file.name);
      this.sizes.set(file, sizeOf(path) ?? sizeOf(`${path}.part`) ?? 0);
    }
    this.resumed = this.done;
  }

  get done(): number {
    return [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  set(file: RemoteFile, size: number): void {
    this.sizes.set(file, size);
    const total = this.files.reduce((sum, each) => sum + Math.max(expectedBytes(each), this.sizes.get(each) ?? 0), 0);
    this.onProgress?.({ done: this.done, total, resumed: Math.min(this.resumed, this.done) });
  }
}

/** Bytes of a file as far as is known. */
export function expectedBytes({ bytes, about = 0 }: RemoteFile): number {
  return bytes ?? about;
}

/** Bytes of a file on disk; undefined where there is none. */
export function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
