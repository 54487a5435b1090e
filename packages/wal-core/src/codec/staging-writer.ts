import { openMemoryFile, type MemoryFile } from '../base/disk/memory-file.ts';
import type { Disk, DiskFile } from '../base/disk/disk.ts';
import { storeFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { takeBytes, type ByteLimit } from '../base/byte-limit.ts';
import { throwIfCancelled, type CancelFlag } from './thread-signals.ts';

export interface StagingTask {
  readonly stagingPath: string;
  /** Replaces the file where no disk has space. */
  readonly memory?: MemoryFile | undefined;
  readonly cancel: CancelFlag;
  /** Limit of the write rate. Default: none. */
  readonly limit?: ByteLimit | undefined;
}

/** Creates a staged file, writes it from its beginning to its end, and makes it durable. */
export class StagingWriter {
  readonly #task: StagingTask;
  readonly #file: DiskFile;
  readonly #buffer: Uint8Array;
  #buffered = 0;
  #written = 0;
  #synced: Promise<void> = Promise.resolve();

  private constructor(task: StagingTask, file: DiskFile, buffer: Uint8Array) {
    this.#task = task;
    this.#file = file;
    this.#buffer = buffer;
  }

  /** @param buffer collects what is written, so that a short object is written at once */
  static async open(disk: Disk, task: StagingTask, buffer: Uint8Array): Promise<StagingWriter> {
    const { memory, stagingPath } = task;
    const file =
      memory === undefined
        ? await disk.openNew(stagingPath).catch(failing(`create ${stagingPath}`))
        : openMemoryFile(memory);
    return new StagingWriter(task, file, buffer);
  }

  /** The open file, for reading it back. */
  get file(): DiskFile {
    return this.#file;
  }

  get bytes(): number {
    return this.#written + this.#buffered;
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#buffered + piece.length > this.#buffer.length) await this.flush();
    if (piece.length > this.#buffer.length) return this.#write(piece);
    this.#buffer.set(piece, this.#buffered);
    this.#buffered += piece.length;
  }

  /** Writes what was collected. */
  async flush(): Promise<void> {
    const collected = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    if (collected.length > 0) await this.#write(collected);
  }

  /** Makes durable what was written. */
  sync(): Promise<void> {
    this.#synced = this.#file.sync().catch((cause: unknown) => {
      const message = `unable to fsync ${this.#task.stagingPath}`;
      throw new WalqError('store-fsync-failed', { message, cause });
    });
    // Handled by whoever awaits it, which may be later.
    this.#synced.catch(() => undefined);
    return this.#synced;
  }

  /** Waits for an fsync in flight. A failed close may hide a failed write, so it is a failure. */
  async close(): Promise<void> {
    await this.#synced.catch(() => undefined);
    await this.#file.close().catch(failing(`close ${this.#task.stagingPath}`));
  }

  async #write(piece: Uint8Array): Promise<void> {
    const { limit, cancel, stagingPath } = this.#task;
    if (limit !== undefined) {
      await takeBytes(limit, piece.length, () => throwIfCancelled(cancel));
    }
    await this.#file.write(piece, this.#written).catch(failing(`write ${stagingPath}`));
    this.#written += piece.length;
  }
}

const failing = (what: string) => (error: unknown) => {
  throw storeFailure(what, error);
};
