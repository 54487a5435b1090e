/**
 * Fetches WAL files before PostgreSQL asks for them: those behind the last one it asked for, a bounded number
 * at a time, in parallel. It ends by itself when nobody asks any more.
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
  /** Of the cluster whose WAL it is. */
  readonly segmentBytes: number;
  /** How many files may lie ready or be under way. */
  readonly aheadMax: number;
  /** @default 20000 */
  readonly idleMsMax?: number;
}

const POLL_INTERVAL_MS = 10;
const MARK_INTERVAL_MS = 1_000;
/** Recovery is over, or waits for WAL that is not there yet. */
const IDLE_MS_MAX = 20_000;

/** Resolves when nobody asked for a while, or the signal is aborted; what nobody took is removed. */
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
  /** Put into the directory, and not seen taken yet. */
  readonly #ready = new Set<string>();
  #stamp: string | undefined;
  /** The next to fetch; undefined where the archive ends, or nobody has asked. */
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

  /** Somebody asked for a file that did not lie ready: what follows that one is requested now. */
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
    // One that comes to lie there while it is looked was not taken.
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

  /** Where the archive ends, or does not give a file, PostgreSQL asks for it itself, and hears why. */
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

  /** The segment behind this one; undefined for what is no segment. */
  #after(name: string): string | undefined {
    const { segmentBytes } = this.#options;
    const file = parseWalFile(name);
    if (file?.kind !== 'segment') return undefined;
    const number = segmentNumber(file, segmentBytes);
    if (number === undefined) return undefined;
    return segmentNameAt(file.timeline, startLsn(number + 1n, segmentBytes), segmentBytes);
  }
}
