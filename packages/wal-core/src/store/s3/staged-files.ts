/**
 * Local files of uploads and downloads, in `<root>/<source>/`, one directory for each source.
 *
 * `.<object>.<uuid>.tmp` is being written or read; `<hash of the key>-<mark>.kept` holds a proven object
 * whose upload has begun, and that a later attempt, also of another process, may publish.
 */
import { join } from 'node:path';
import type { Disk } from '../../base/disk/disk.ts';
import { isTemporaryName, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { ifPresent, isMissing, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { shortHash } from '../../base/hash.ts';
import {
  fileNameOf,
  keyPath,
  assertShardName,
  assertSourceName,
  type ArchiveKey,
} from '../archive-key.ts';
import type { Staging } from '../store.ts';
import { MEMORY_BYTES_MAX, MemoryFiles, type NamedMemoryFile } from './memory-files.ts';

interface StagedFilesOptions {
  readonly disk: Disk;
  readonly root: string;
  readonly bytesMax: number;
}

interface StagedFile {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

const SWEEP_AGE_MS_MIN = 24 * 60 * 60 * 1000;
const KEPT_SUFFIX = '.kept';
const keptName = /^[0-9a-f]{32}-[0-9a-z-]{1,160}\.kept$/;

export class StagedFiles {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #bytesMax: number;
  readonly #inMemory = new MemoryFiles();
  /** Kept files that this process is about to upload: no other batch takes or removes them. */
  readonly #uploading = new Set<string>();
  /** How many files may still be staged before the directory is measured again. */
  #unmeasuredMax = 0;

  constructor({ disk, root, bytesMax }: StagedFilesOptions) {
    this.#disk = disk;
    this.#root = root;
    this.#bytesMax = bytesMax;
  }

  /** A name for a new object's file. @throws WalqError `store-full` when too much is staged */
  async stage(key: ArchiveKey): Promise<Staging> {
    assertShardName(key.shard);
    await this.#makeRoom();
    const directory = this.#directoryOf(key.source);
    await this.#disk.makeDirectory(directory).catch((error: unknown) => {
      throw stagingFailure(`create '${directory}'`, error);
    });
    return { key, path: this.#newPath(key) };
  }

  /**
   * In memory: a staging directory is often on the database's own disk, on which only archiving can make room. First
   * removes all kept files: they use that space, and can be compressed again.
   */
  async stageInMemory(key: ArchiveKey, bytesMax: number): Promise<Staging> {
    assertShardName(key.shard);
    for (const { path } of (await this.#allFiles()).filter(this.#isRemovable))
      await this.remove(path);
    return { key, ...(await this.memoryFor(key, bytesMax)) };
  }

  /** @throws WalqError `store-full` for an object that is too large for memory */
  async memoryFor(key: ArchiveKey, bytesMax: number): Promise<NamedMemoryFile> {
    if (bytesMax <= MEMORY_BYTES_MAX) return this.#inMemory.take(fileNameOf(key), bytesMax);
    throw new WalqError('store-full', {
      message: `unable to stage '${keyPath(key)}': the staging directory '${this.#root}' has no space, and ${bytesMax} bytes are too many for memory (limit ${MEMORY_BYTES_MAX})`,
      hint: 'Make room on the filesystem of the staging directory, or set archive.s3.staging to a directory on another one.',
    });
  }

  /** Creates an empty file for a download. */
  async newFile(key: ArchiveKey): Promise<string> {
    const path = this.#newPath(key);
    await this.#makeEmpty(key.source, path).catch((error: unknown) => {
      throw stagingFailure(`stage '${path}'`, error);
    });
    return path;
  }

  /** Renames a proven file so that `resume` finds it once its upload has failed. */
  async saveForRetry(staging: Staging, mark: string): Promise<Staging> {
    const path = this.#keptPath(staging.key, mark);
    if (this.#uploading.has(path)) return staging;
    await this.#disk.rename(staging.path, path).catch((error: unknown) => {
      throw stagingFailure(`keep '${staging.path}'`, error);
    });
    this.#uploading.add(path);
    return { ...staging, path };
  }

  /** The upload of this file has ended, with or without success. */
  uploaded(path: string): void {
    this.#uploading.delete(path);
  }

  /** The file that was kept for this key and mark, for this caller only. */
  async resume(key: ArchiveKey, mark: string): Promise<Staging | undefined> {
    const path = this.#newPath(key);
    const kept = this.#keptPath(key, mark);
    if (this.#uploading.has(kept)) return undefined;
    try {
      await this.#disk.rename(kept, path);
      return { key, path };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw stagingFailure(`take '${path}'`, error);
    }
  }

  /** A file that does not exist is not a failure. */
  async remove(path: string): Promise<void> {
    if (this.#inMemory.release(path)) return;
    await this.#unlink(path);
  }

  /** Tests that the directory can be created and written. One without space is accepted: objects then use memory. */
  async probe(): Promise<void> {
    const path = temporaryNameFor(join(this.#root, 'probe'));
    try {
      await this.#disk.makeDirectory(this.#root);
      await this.#openAndClose(path);
    } catch (error) {
      const failure = stagingFailure(`stage in '${this.#root}'`, error);
      if (failure.code !== 'store-full') throw failure;
      return;
    }
    await this.remove(path);
  }

  /** Removes files that were not written to for a day; gives the number removed. */
  async sweep(source: string): Promise<number> {
    const oldestMs = Date.now() - SWEEP_AGE_MS_MIN;
    let removed = 0;
    for (const file of await this.#filesIn(this.#directoryOf(source))) {
      if (file.mtimeMs < oldestMs && (await this.#unlink(file.path))) removed += 1;
    }
    return removed;
  }

  /**
   * Removes kept files, which can be compressed again. Files that are being written, uploaded or read stay. While half
   * of the room is free, the directory is not measured for each of many files.
   */
  async #makeRoom(): Promise<void> {
    this.#unmeasuredMax -= 1;
    if (this.#unmeasuredMax >= 0) return;
    const files = await this.#allFiles();
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    this.#unmeasuredMax = bytes < this.#bytesMax / 2 ? Math.floor(files.length / 8) : 0;
    const kept = files.filter(this.#isRemovable);
    for (const file of kept.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes < this.#bytesMax) return;
      await this.remove(file.path);
      bytes -= file.bytes;
    }
    if (bytes < this.#bytesMax) return;
    throw new WalqError('store-full', {
      message: `unable to stage another object: ${bytes} bytes wait in '${this.#root}', and archive.s3.staging_bytes_max is ${this.#bytesMax}`,
      hint: 'Wait until uploads end, or raise archive.s3.staging_bytes_max if the directory has space.',
    });
  }

  readonly #isRemovable = ({ path }: StagedFile): boolean =>
    path.endsWith(KEPT_SUFFIX) && !this.#uploading.has(path);

  async #allFiles(): Promise<readonly StagedFile[]> {
    const files: StagedFile[] = [];
    for (const source of await this.#namesIn(this.#root)) {
      files.push(...(await this.#filesIn(join(this.#root, source))));
    }
    return files;
  }

  async #filesIn(directory: string): Promise<readonly StagedFile[]> {
    const files: StagedFile[] = [];
    for (const name of await this.#namesIn(directory)) {
      if (!isTemporaryName(name) && !keptName.test(name)) continue;
      const file = await this.#stat(join(directory, name));
      if (file !== undefined) files.push(file);
    }
    return files;
  }

  async #stat(path: string): Promise<StagedFile | undefined> {
    const state = await ifPresent(this.#disk.lstat(path), (error) =>
      stagingFailure(`stat '${path}'`, error),
    );
    if (state?.kind !== 'file') return undefined;
    return { path, bytes: Number(state.size), mtimeMs: Number(state.mtimeNs / 1_000_000n) };
  }

  async #namesIn(directory: string): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const piece of this.#disk.list(directory)) names.push(...piece);
      return names;
    } catch (error) {
      if (isMissing(error)) return [];
      throw stagingFailure(`list '${directory}'`, error);
    }
  }

  /** False where another process removed it first. */
  async #unlink(path: string): Promise<boolean> {
    const removed = await ifPresent(
      this.#disk.unlink(path).then(() => true),
      (error) => stagingFailure(`remove '${path}'`, error),
    );
    return removed === true;
  }

  async #makeEmpty(source: string, path: string): Promise<void> {
    try {
      await this.#openAndClose(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#disk.makeDirectory(this.#directoryOf(source));
      await this.#openAndClose(path);
    }
  }

  async #openAndClose(path: string): Promise<void> {
    const file = await this.#disk.openNew(path);
    await file.close();
  }

  #directoryOf(source: string): string {
    assertSourceName(source);
    return join(this.#root, source);
  }

  #newPath(key: ArchiveKey): string {
    return temporaryNameFor(join(this.#directoryOf(key.source), fileNameOf(key)));
  }

  #keptPath(key: ArchiveKey, mark: string): string {
    const hash = shortHash(keyPath(key));
    const name = `${hash}-${mark}${KEPT_SUFFIX}`;
    if (!keptName.test(name)) throw new TypeError(`'${mark}' cannot mark a staged file`);
    return join(this.#directoryOf(key.source), name);
  }
}

function stagingFailure(what: string, error: unknown): WalqError {
  const { code, message } = storeFailure(what, error);
  if (error instanceof WalqError) return error;
  return new WalqError(code, {
    message,
    hint: 'Make room there, or set archive.s3.staging to a directory on another filesystem.',
    cause: error,
  });
}
