/**
 * An object survives a power cut only if all its parent directories do. This records which directories this process has
 * made durable, and in which state of the directory that holds them: an entry that another thread or process, or an
 * administrator, has removed and created again since then is fsynced again.
 */
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Disk, FileState } from '../../base/disk/disk.ts';
import { errnoOf, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { Distrust } from './shared-directory.ts';
import { fsyncFailure } from './failures.ts';

const DIRECTORIES_MAX = 4096;

export class DurableDirectories {
  readonly #disk: Disk;
  readonly #root: string;
  /** The state of the directory that holds each, before its fsync. */
  readonly #durable = new LRUCache<string, string>({ max: DIRECTORIES_MAX });
  readonly #distrust: Distrust;
  #rootMade = false;

  constructor(disk: Disk, root: string, distrust: Distrust) {
    this.#disk = disk;
    this.#root = root;
    this.#distrust = distrust;
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
      const holder = await this.#holderOf(step);
      if (this.#durable.get(step) === holder) continue;
      await this.#syncEntryOf(step);
      this.#durable.set(step, holder);
    }
  }

  /** Changes with each entry of that directory. The root's own parent holds other things, and walq removes no root. */
  async #holderOf(directory: string): Promise<string> {
    if (directory === this.#root) return dirname(directory);
    const holder = dirname(directory);
    const { device, inode, ctimeNs } = await this.#disk
      .lstat(`${holder}/.`)
      .catch((error: unknown) => {
        throw storeFailure(`stat '${holder}'`, error);
      });
    return `${device}:${inode}:${ctimeNs}`;
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
    this.#assertTrusted(directory);
    await this.#disk.syncDirectory(directory).catch((error: unknown) => {
      if (errnoOf(error) === 'EIO') this.#distrust.add(directory);
      throw fsyncFailure(directory, error);
    });
    // A failure of the device may have been reported to a concurrent fsync, and not to this one.
    this.#assertTrusted(directory);
  }

  #assertTrusted(directory: string): void {
    if (!this.#distrust.has(directory)) return;
    throw new WalqError('store-fsync-failed', {
      message: `unable to trust '${directory}': an earlier fsync of it failed`,
      hint: 'Check the medium, then restart this process.',
    });
  }
}

/** Objects whose fsync failed once. */
export class DistrustedObjects {
  readonly #distrust: Distrust;

  constructor(distrust: Distrust) {
    this.#distrust = distrust;
  }

  /** By file, not by name: a repaired object under the same name is another file. */
  add(state: FileState): void {
    this.#distrust.add(nameOf(state));
  }

  assertTrusted(path: string, state: FileState): void {
    if (!this.#distrust.has(nameOf(state))) return;
    throw new WalqError('store-fsync-failed', {
      message: `unable to trust '${path}': an earlier fsync of it failed`,
      hint: 'Check the medium, then restart this process and run walq verify --deep to find damaged objects.',
    });
  }
}

const nameOf = (state: FileState): string => `${state.device}:${state.inode}`;
