/**
 * Fetches the WAL files after the one that PostgreSQL requested, a bounded number, in parallel. Each is whole and
 * checked before it has its name in the directory, and is delivered by renaming it.
 *
 * Only the process that fetched a file delivers it. So nothing here has to survive a crash or a power cut, and
 * nothing is fsynced.
 */
import { join } from 'node:path';
import { discard, isTemporaryName } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { isMissing } from '../../base/failure/system-error.ts';
import {
  parseWalFile,
  segmentNameAt,
  segmentNumber,
  startLsn,
} from '../../source/postgres/wal-file.ts';
import { fetchFile, type FetchOptions } from './fetch-file.ts';

export interface AheadOptions extends Omit<FetchOptions, 'tries'> {
  /** For this process alone. What it holds of an earlier process is removed. */
  readonly directory: string;
  /** The cluster's WAL segment size. */
  readonly segmentBytes: number;
  /** How many files after the requested one may be ready or in flight. */
  readonly aheadMax: number;
}

export interface DeliveryOptions {
  /** Ends the wait for the file. */
  readonly signal: AbortSignal;
  /** Asked before the file is moved. A destination must not change once nobody waits for it. */
  readonly isAwaited: () => boolean | Promise<boolean>;
}

interface AheadFile {
  readonly fetched: Promise<boolean>;
  /** The archive has no such file, or fetching it failed. */
  hasFailed: boolean;
  readonly cancel: () => void;
}

export class FetchAhead {
  readonly #options: AheadOptions;
  /** In flight, ready, or failed. */
  readonly #files = new Map<string, AheadFile>();
  /** Until what was dropped is removed. Never rejects. */
  #dropped: Promise<unknown> = Promise.resolve();

  private constructor(options: AheadOptions) {
    this.#options = options;
  }

  /** @throws the system's error where the directory cannot be made or read. */
  static async begin(options: AheadOptions): Promise<FetchAhead> {
    await removeLeftovers(options.disk, options.directory);
    await options.disk.makeDirectory(options.directory);
    return new FetchAhead(options);
  }

  /**
   * Moves a segment to its destination, and fetches the segments after it. False where that did not succeed in time:
   * the caller fetches the file then, which also gives the reason. Never rejects.
   */
  async deliver(
    name: string,
    destination: string,
    { signal, isAwaited }: DeliveryOptions,
  ): Promise<boolean> {
    if (this.#files.get(name)?.hasFailed) this.#forgetFailures();
    const file = this.#fetch(name);
    this.#follow(name);
    if (!(await unlessAborted(signal, file.fetched)) || !(await isAwaited())) return false;
    this.#files.delete(name);
    return this.#move(name, destination);
  }

  /** Cancels what is in flight and removes all files. */
  async close(): Promise<void> {
    this.#drop([...this.#files.keys()]);
    await this.#dropped;
  }

  async #move(name: string, destination: string): Promise<boolean> {
    try {
      await this.#options.disk.rename(this.#pathOf(name), destination);
      return true;
    } catch {
      await discard(this.#options.disk, this.#pathOf(name));
      return false;
    }
  }

  /** Fetches the files after this one, up to the first that has failed, and drops all others. */
  #follow(name: string): void {
    const window = this.#windowAfter(name);
    const known = [...this.#files.keys()];
    this.#drop(known.filter((one) => one !== name && !window.includes(one)));
    for (const next of window) if (this.#fetch(next).hasFailed) return;
  }

  #fetch(name: string): AheadFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const own = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, own.signal]);
    const file: AheadFile = {
      hasFailed: false,
      cancel: () => own.abort(),
      fetched: fetchFile({ ...this.#options, signal, tries: 1 }, name, this.#pathOf(name)).then(
        (outcome) => outcome === 'fetched' || this.#failed(file),
        () => this.#failed(file),
      ),
    };
    this.#files.set(name, file);
    return file;
  }

  #failed(file: AheadFile): false {
    file.hasFailed = true;
    return false;
  }

  /** A file may have been archived since. */
  #forgetFailures(): void {
    for (const [name, { hasFailed }] of this.#files) if (hasFailed) this.#files.delete(name);
  }

  #drop(names: readonly string[]): void {
    if (names.length === 0) return;
    const removed = names.map((name) => this.#remove(name));
    this.#dropped = Promise.all([this.#dropped, ...removed]).then(() => undefined);
  }

  async #remove(name: string): Promise<void> {
    const file = this.#files.get(name);
    this.#files.delete(name);
    file?.cancel();
    if ((await file?.fetched) && !this.#files.has(name))
      await discard(this.#options.disk, this.#pathOf(name));
  }

  #pathOf(name: string): string {
    return join(this.#options.directory, name);
  }

  #windowAfter(name: string): readonly string[] {
    const { segmentBytes, aheadMax } = this.#options;
    const file = parseWalFile(name);
    if (file?.kind !== 'segment') return [];
    const number = segmentNumber(file, segmentBytes);
    if (number === undefined) return [];
    return Array.from({ length: aheadMax }, (_, index) =>
      segmentNameAt(
        file.timeline,
        startLsn(number + BigInt(index + 1), segmentBytes),
        segmentBytes,
      ),
    );
  }
}

/** The value, or undefined where the signal comes first. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([work, aborted]);
}

/** WAL files, whole or unfinished, of a process that was killed. */
async function removeLeftovers(disk: Disk, directory: string): Promise<void> {
  const isWal = (name: string): boolean =>
    parseWalFile(isTemporaryName(name) ? name.slice(1, 25) : name) !== undefined;
  try {
    for await (const names of disk.list(directory))
      for (const name of names.filter(isWal)) await discard(disk, join(directory, name));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
