/**
 * Prefetches the WAL files after the last one that PostgreSQL requested, a bounded number, in parallel. It ends when
 * there
 * are no requests for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  parseWalFile,
  segmentNameAt,
  segmentNumber,
  startLsn,
} from '../../source/postgres/wal-file.ts';
import type { AheadDirectory } from './ahead-directory.ts';
import { fetchFile, type FetchOptions } from './fetch-file.ts';

export interface AheadOptions extends FetchOptions {
  readonly directory: AheadDirectory;
  /** The cluster's WAL segment size. */
  readonly segmentBytes: number;
  /** How many files may be ready or in flight. */
  readonly aheadMax: number;
  /** @default 20000 */
  readonly idleMsMax?: number;
}

const POLL_INTERVAL_MS = 10;
const MARK_INTERVAL_MS = 1_000;
/** By then recovery has ended, or waits for WAL that is not archived yet. */
const IDLE_MS_MAX = 20_000;

/** Resolves when there was no request for a while, or the signal is aborted. Files that were not taken are removed. */
export async function fetchAhead(options: AheadOptions): Promise<void> {
  const { directory, signal, idleMsMax = IDLE_MS_MAX } = options;
  const { mustBeDurable } = await directory.begin();
  const ahead = new Ahead({ ...options, durable: mustBeDurable });
  let markedMs = -Infinity;
  try {
    while (!signal.aborted && ahead.idleMs < idleMsMax) {
      if (performance.now() - markedMs > MARK_INTERVAL_MS) {
        await directory.markRunning();
        markedMs = performance.now();
      }
      await ahead.step();
      await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await ahead.drain();
    await directory.clear();
  }
}

class Ahead {
  readonly #options: AheadOptions;
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Written to the directory, and not known to be taken yet. */
  readonly #ready = new Set<string>();
  #stamp: string | undefined;
  /** The next file to fetch; undefined where the archive ends or nothing was requested. */
  #next: string | undefined;
  #askedMs = performance.now();

  constructor(options: AheadOptions) {
    this.#options = options;
  }

  get idleMs(): number {
    return performance.now() - this.#askedMs;
  }

  async step(): Promise<void> {
    await this.#follow();
    await this.#noteTaken();
    const { aheadMax } = this.#options;
    while (this.#next !== undefined && this.#ready.size + this.#inFlight.size < aheadMax) {
      this.#begin(this.#next);
      this.#next = this.#after(this.#next);
    }
  }

  async drain(): Promise<void> {
    await Promise.all(this.#inFlight.values());
  }

  /** Handles a request for a file that was not ready: the files after it are fetched now. */
  async #follow(): Promise<void> {
    const requested = await this.#options.directory.requested();
    if (requested === undefined || requested.stamp === this.#stamp) return;
    this.#stamp = requested.stamp;
    this.#askedMs = performance.now();
    const window = this.#windowAfter(requested.name);
    for (const name of this.#ready) {
      if (window.includes(name)) continue;
      this.#ready.delete(name);
      await this.#options.directory.drop(name);
    }
    this.#next = window.find((name) => !this.#ready.has(name) && !this.#inFlight.has(name));
  }

  async #noteTaken(): Promise<void> {
    // A file that becomes ready during the listing was not taken.
    const known = [...this.#ready];
    const there = await this.#options.directory.ready();
    for (const name of known) {
      if (there.has(name)) continue;
      this.#ready.delete(name);
      this.#askedMs = performance.now();
    }
  }

  #begin(name: string): void {
    if (this.#inFlight.has(name) || this.#ready.has(name)) return;
    this.#inFlight.set(
      name,
      this.#fetch(name).finally(() => this.#inFlight.delete(name)),
    );
  }

  /** Where the archive ends or a fetch fails, PostgreSQL requests the file itself and gets the failure. */
  async #fetch(name: string): Promise<void> {
    const stamp = this.#stamp;
    const path = this.#options.directory.pathOf(name);
    const options = { ...this.#options, tries: 1 };
    const outcome = await fetchFile(options, name, path).catch(() => 'failed');
    if (outcome === 'fetched') this.#ready.add(name);
    else if (stamp === this.#stamp) this.#next = undefined;
  }

  #windowAfter(name: string): string[] {
    const window: string[] = [];
    let next = this.#after(name);
    while (next !== undefined && window.length < this.#options.aheadMax) {
      window.push(next);
      next = this.#after(next);
    }
    return window;
  }

  /** The next segment; undefined for a file that is not a segment. */
  #after(name: string): string | undefined {
    const { segmentBytes } = this.#options;
    const file = parseWalFile(name);
    if (file?.kind !== 'segment') return undefined;
    const number = segmentNumber(file, segmentBytes);
    if (number === undefined) return undefined;
    return segmentNameAt(file.timeline, startLsn(number + 1n, segmentBytes), segmentBytes);
  }
}
