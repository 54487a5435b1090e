/**
 * An object survives a power cut only when every directory on the way to it does. This remembers
 * which directories' own entries this process has made durable, so that each is proved once.
 */
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Disk, FileState } from '../../base/disk/disk.ts';
import { errnoOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { fsyncFailure } from './failures.ts';

const DIRECTORIES_MAX = 4096;

export class DurableDirectories {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #durable = new LRUCache<string, true>({ max: DIRECTORIES_MAX });
  /** After a failed fsync the kernel may report success the next time: such a directory is not believed again. */
  readonly #distrusted = new Set<string>();
  #rootMade = false;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** These were just made: nothing that is known of an older namesake holds for them. */
  made(directories: readonly string[]): void {
    for (const directory of directories) {
      this.#durable.delete(directory);
      if (directory === this.#root) this.#rootMade = true;
    }
  }

  /**
   * Makes the entries of a directory durable, and the way to it from the archive's root on. A
   * directory found there needs this as much as one made here: its maker may have died too early.
   */
  async makeDurable(directory: string): Promise<void> {
    await this.#sync(directory);
    for (const step of this.#pathTo(directory)) {
      if (this.#durable.has(step)) continue;
      await this.#syncEntryOf(step);
      this.#durable.set(step, true);
    }
  }

  /** The directory, its parent and so on, up to the root. */
  #pathTo(directory: string): readonly string[] {
    const way = [directory];
    for (let at = directory; at !== this.#root && at !== dirname(at);) {
      at = dirname(at);
      way.push(at);
    }
    return way;
  }

  async #syncEntryOf(directory: string): Promise<void> {
    if (directory === this.#root) return this.#syncEntryOfRoot();
    await this.#sync(dirname(directory));
  }

  /** A root that an administrator made may stand in a directory that walq is not allowed to open. */
  async #syncEntryOfRoot(): Promise<void> {
    const parent = dirname(this.#root);
    await this.#disk.syncDirectory(parent).catch((error: unknown) => {
      if (!this.#rootMade && errnoOf(error) === 'EACCES') return;
      throw fsyncFailure(parent, error);
    });
  }

  async #sync(directory: string): Promise<void> {
    if (this.#distrusted.has(directory)) throw distrusted(directory);
    await this.#disk.syncDirectory(directory).catch((error: unknown) => {
      if (errnoOf(error) === 'EIO') this.#distrusted.add(directory);
      throw fsyncFailure(directory, error);
    });
  }
}

const distrusted = (directory: string): WalqError =>
  new WalqError('store-fsync-failed', {
    message: `unable to trust '${directory}': its device has failed to make it durable before`,
    hint: 'Check the medium, then restart this process.',
  });

/**
 * After a failed fsync the kernel may drop the pages and report success the next time. An object
 * whose fsync failed once is therefore never believed again by this process.
 */
const OBJECTS_MAX = 1024;

export class DistrustedObjects {
  readonly #files = new Set<string>();

  /** A file, not a name: a repaired object under the same name is another one. */
  add(state: FileState): void {
    if (this.#files.size < OBJECTS_MAX) this.#files.add(nameOf(state));
  }

  /** Refuses a distrusted object; when too many are to be remembered, every one. */
  assertTrusted(path: string, state: FileState): void {
    if (!this.#files.has(nameOf(state)) && this.#files.size < OBJECTS_MAX) return;
    throw new WalqError('store-fsync-failed', {
      message: `unable to trust '${path}': its device has failed to make it durable before`,
      hint: 'Check the medium, then restart this process; a damaged object is found by walq verify --deep.',
    });
  }
}

const nameOf = (state: FileState): string => `${state.device}:${state.inode}`;
