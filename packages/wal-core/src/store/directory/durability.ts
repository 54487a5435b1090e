/**
 * An object survives a power cut only if all its parent directories do. This records which directories this process has
 * made durable, so that each is fsynced once.
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
  /** After a failed fsync the kernel may report success the next time, so such a directory is never trusted again. */
  readonly #distrusted = new Set<string>();
  #rootMade = false;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** Call for directories that were just created: what was recorded for an older one with the same name is invalid. */
  made(directories: readonly string[]): void {
    for (const directory of directories) {
      this.#durable.delete(directory);
      if (directory === this.#root) this.#rootMade = true;
    }
  }

  /**
   * Makes the entries of a directory durable, and of its parents up to the archive's root. An existing directory needs
   * this as much as one created here: its creator may have died before its fsync.
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

  /** The parent of a root that an administrator created may not be readable for walq. */
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
    message: `unable to trust '${directory}': an earlier fsync of it failed`,
    hint: 'Check the medium, then restart this process.',
  });

/**
 * After a failed fsync the kernel may drop the pages and report success the next time. So this process never trusts an
 * object again whose fsync failed once.
 */
const OBJECTS_MAX = 1024;

export class DistrustedObjects {
  readonly #files = new Set<string>();

  /** By file, not by name: a repaired object under the same name is another file. */
  add(state: FileState): void {
    if (this.#files.size < OBJECTS_MAX) this.#files.add(nameOf(state));
  }

  /** Throws for a distrusted object; when too many have failed, for every object. */
  assertTrusted(path: string, state: FileState): void {
    if (!this.#files.has(nameOf(state)) && this.#files.size < OBJECTS_MAX) return;
    throw new WalqError('store-fsync-failed', {
      message: `unable to trust '${path}': an earlier fsync of it failed`,
      hint: 'Check the medium, then restart this process and run walq verify --deep to find damaged objects.',
    });
  }
}

const nameOf = (state: FileState): string => `${state.device}:${state.inode}`;
