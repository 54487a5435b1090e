import type { Disk, DiskFile } from '../disk/index.ts';
import { storeFailure, WalqError } from '../failure/index.ts';

/** Writes a staged file from its beginning to its end, and makes it durable. */
export class StagingWriter {
  readonly #path: string;
  #file: DiskFile | undefined;
  bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async open(disk: Disk): Promise<void> {
    this.#file = await disk.openExisting(this.#path).catch(this.#fail('open'));
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#file?.write(piece, this.bytes).catch(this.#fail('write'));
    this.bytes += piece.length;
  }

  async sync(): Promise<void> {
    await this.#file?.sync().catch((cause: unknown) => {
      const message = `unable to fsync ${this.#path}`;
      throw new WalqError('store-fsync-failed', { message, cause });
    });
  }

  /** A failed close may hide a failed write, so it fails the whole. */
  async close(): Promise<void> {
    await this.#file?.close().catch(this.#fail('close'));
  }

  #fail = (what: string) => (error: unknown) => {
    throw storeFailure(`${what} ${this.#path}`, error);
  };
}
