/**
 * The directory of prefetched files. A file is whole and checked, or absent. The prefetching process, the asking
 * process and
 * the shell fast path of the command (apps/cli/bin/walq) share it; a file is taken by renaming it.
 */
import { join } from 'node:path';
import { bootId } from '../../base/disk/boot-id.ts';
import { discard, isTemporaryName, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { readSmallFile } from '../../base/disk/read-small-file.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { ifPresent, isMissing } from '../../base/failure/system-error.ts';
import { parseWalFile } from '../../source/postgres/wal-file.ts';

/** The file that was asked for last and did not lie ready. */
const REQUESTED = 'requested';
const RUNNING = 'fetching';
/**
 * Which boot of the machine wrote the files: after a power cut, the files of an earlier boot may have lost their
 * contents.
 */
const BOOT = 'boot';
/** A prefetching process that has not updated its file for this long is not running. */
const RUNNING_MS = 5_000;

/**
 * A segment that is being fetched, or was when its process died. Other temporary files may belong to a running
 * request.
 */
const isUnfinished = (name: string): boolean =>
  isTemporaryName(name) && parseWalFile(name.slice(1, 25)) !== undefined;

export class AheadDirectory {
  readonly path: string;
  readonly #disk: Disk;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.path = path;
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** Records which file was requested: the files after it are prefetched. */
  async request(name: string): Promise<void> {
    await this.#disk.makeDirectory(this.path);
    await this.#replace(REQUESTED, name);
  }

  /** Changes with each `request`; undefined before the first. */
  async requested(): Promise<{ readonly name: string; readonly stamp: string } | undefined> {
    const state = await this.#lstat(REQUESTED);
    const name = await readSmallFile(this.#disk, this.pathOf(REQUESTED));
    if (state === undefined || name === undefined) return undefined;
    return { name, stamp: `${state.inode}:${state.ctimeNs}` };
  }

  /** Records that a prefetching process is running. */
  async markRunning(): Promise<void> {
    await this.#disk.makeDirectory(this.path);
    await this.#replace(RUNNING, '');
  }

  async isRunning(): Promise<boolean> {
    const state = await this.#lstat(RUNNING);
    if (state === undefined) return false;
    return Math.abs(Date.now() - Number(state.mtimeNs / 1_000_000n)) < RUNNING_MS;
  }

  /** Names of the files that are ready. */
  async ready(): Promise<ReadonlySet<string>> {
    const names = await this.#names();
    return new Set(names.filter((name) => parseWalFile(name) !== undefined));
  }

  /**
   * Moves a file to its destination. False when it is not ready or cannot be moved, for example to another filesystem
   * or
   * another user's directory: then it is fetched, and that reports what is wrong with the destination.
   */
  async take(name: string, destination: string): Promise<boolean> {
    if (!(await this.#isOfThisBoot())) return false;
    return this.#disk.rename(this.pathOf(name), destination).then(
      () => true,
      () => false,
    );
  }

  async drop(name: string): Promise<void> {
    await discard(this.#disk, this.pathOf(name));
  }

  /**
   * Removes what an earlier process left. Returns whether files written here must be made durable, because nothing
   * would
   * distinguish them from those of an earlier boot.
   */
  async begin(): Promise<{ readonly mustBeDurable: boolean }> {
    await this.clear();
    const boot = await bootId(this.#disk);
    await this.#disk.makeDirectory(this.path);
    await this.#replace(BOOT, boot ?? '');
    return { mustBeDurable: boot === undefined };
  }

  async #isOfThisBoot(): Promise<boolean> {
    const said = await readSmallFile(this.#disk, this.pathOf(BOOT)).catch(() => undefined);
    return said === ((await bootId(this.#disk)) ?? '');
  }

  /** Removes all files when prefetching ends. */
  async clear(): Promise<void> {
    for (const name of await this.#names()) {
      if (parseWalFile(name) !== undefined || isUnfinished(name)) await this.drop(name);
    }
    await this.drop(RUNNING);
    await this.drop(BOOT);
  }

  async #names(): Promise<string[]> {
    const found: string[] = [];
    try {
      for await (const names of this.#disk.list(this.path)) found.push(...names);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return found;
  }

  async #lstat(name: string) {
    return ifPresent(this.#disk.lstat(this.pathOf(name)));
  }

  /** Not fsynced: nothing relies on these files. */
  async #replace(name: string, text: string): Promise<void> {
    const temporary = temporaryNameFor(this.pathOf(name));
    try {
      const file = await this.#disk.openNew(temporary);
      await file.write(Buffer.from(text), 0);
      await file.close();
      await this.#disk.rename(temporary, this.pathOf(name));
    } catch (error) {
      await discard(this.#disk, temporary);
      throw error;
    }
  }
}
