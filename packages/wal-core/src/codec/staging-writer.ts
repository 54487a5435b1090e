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

/** Writes a staged file from its beginning to its end, and makes it durable. */
export class StagingWriter {
  readonly #path: string;
  readonly #task: StagingTask;
  #file: DiskFile | undefined;
  bytes = 0;

  constructor(task: StagingTask) {
    this.#path = task.stagingPath;
    this.#task = task;
  }

  async open(disk: Disk): Promise<void> {
    const { memory } = this.#task;
    this.#file =
      memory === undefined
        ? await disk.openExisting(this.#path).catch(this.#fail('open'))
        : openMemoryFile(memory);
  }

  async write(piece: Uint8Array): Promise<void> {
    const { limit, cancel } = this.#task;
    await takeBytes(limit, piece.length, () => throwIfCancelled(cancel));
    await this.#file?.write(piece, this.bytes).catch(this.#fail('write'));
    this.bytes += piece.length;
  }

  async sync(): Promise<void> {
    await this.#file?.sync().catch((cause: unknown) => {
      const message = `unable to fsync ${this.#path}`;
      throw new WalqError('store-fsync-failed', { message, cause });
    });
  }

  /** A failed close may hide a failed write, so it is a failure. */
  async close(): Promise<void> {
    await this.#file?.close().catch(this.#fail('close'));
  }

  #fail = (what: string) => (error: unknown) => {
    throw storeFailure(`${what} ${this.#path}`, error);
  };
}
