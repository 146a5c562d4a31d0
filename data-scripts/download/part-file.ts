import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { StaleError, StorageError, writeFileWhole } from 'hybrid-ecg';

/** What is known of the server's file that a part is of; kept beside it as `NAME.part.json`. */
export interface PartNote {
  readonly url: string;
  /** Bytes of the whole file, where the server said. */
  readonly bytes?: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Bytes after which what was written is synced, so that a power loss costs no more than these. */
const SYNC_EVERY = 64 * 2 ** 20;

/** A file on its way: `NAME.part` until it is whole. */
export class PartFile {
  private readonly part: string;
  private readonly notePath: string;
  private handle: FileHandle | undefined;
  private unsynced = 0;
  /** Bytes that are here. */
  size: number;

  /** @param path the file's final name; its folder is made when the first bytes come */
  constructor(private readonly path: string) {
    this.part = `${path}.part`;
    this.notePath = `${this.part}.json`;
    this.size = statSync(this.part, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** The note of an earlier try; undefined where there is none, or none that can be read. */
  note(): PartNote | undefined {
    try {
      const note = JSON.parse(readFileSync(this.notePath, 'utf8')) as PartNote | null;
      return typeof note?.url === 'string' ? note : undefined;
    } catch {
      return undefined;
    }
  }

  /** Starts to write: behind what is here, or from the beginning. */
  async start(note: PartNote, { keep }: { readonly keep: boolean }): Promise<void> {
    if (this.size > 0 && !existsSync(this.notePath)) {
      const actual = `${this.size} bytes without ${basename(this.notePath)}: another program's part; move it away`;
      throw new StaleError('part of a download', {
        expected: 'one of an earlier call',
        actual,
        where: { file: this.part },
      });
    }
    await this.refusing(async () => {
      await mkdir(dirname(this.path), { recursive: true });
      await this.close();
      this.handle = await open(this.part, keep ? 'a' : 'w'); // emptied before the new note: no note fits other bytes
    });
    if (!keep) this.size = 0;
    writeFileWhole(this.notePath, JSON.stringify(note));
  }

  /** @throws StorageError when the disk is full; what is written stays */
  async write(chunk: Uint8Array): Promise<void> {
    await this.refusing(async () => {
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await this.handle!.write(chunk, done);
        done += bytesWritten;
        this.size += bytesWritten;
      }
      this.unsynced += chunk.length;
      if (this.unsynced >= SYNC_EVERY) await this.sync();
    });
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** Gives the whole file its name. */
  async finish(): Promise<void> {
    await this.refusing(async () => {
      this.handle ??= await open(this.part, 'a');
      await this.sync();
      await this.close();
      renameSync(this.part, this.path);
      rmSync(this.notePath, { force: true });
    });
  }

  /** Forgets all bytes. */
  async discard(): Promise<void> {
    await this.close();
    rmSync(this.part, { force: true });
    rmSync(this.notePath, { force: true });
    this.size = 0;
  }

  /** Where the bytes are. */
  get file(): string {
    return this.part;
  }

  private async sync(): Promise<void> {
    await this.handle!.datasync();
    this.unsynced = 0;
  }

  private async refusing(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (cause) {
      await this.close().catch(() => {}); // the first fault is the one to tell
      const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new StorageError('cannot write', {
        expected: 'a writable disk with room for the file',
        actual: `${code === 'ENOSPC' ? 'no space left (ENOSPC)' : code}; what is here stays: make room and run the same command again`,
        where: { file: this.part },
        cause,
      });
    }
  }
}
