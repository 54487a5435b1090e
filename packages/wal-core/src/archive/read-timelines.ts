/** Reads the timeline history files of an archive. They sort before all other objects, are small, and never change. */
import type { Disk } from '../base/disk/disk.ts';
import { nodeDisk } from '../base/disk/node-disk.ts';
import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import { parseManifest } from '../codec/manifest.ts';
import { readObject } from '../codec/read-object.ts';
import type { SegmentNaming } from '../source/naming.ts';
import { parseWalFile } from '../source/postgres/wal-file.ts';
import { keyPath, type ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';
import { parseHistory, Timelines, type TimelineHistory } from './timelines.ts';

const HISTORY_BYTES_MAX = 1024 * 1024;
const HISTORY_SHARD_DIGITS = 8;

export interface ReadTimelines {
  readonly timelines: Timelines;
  /** Why a history file does not decode, by file name. */
  readonly unreadable: ReadonlyMap<string, WalqError>;
}

/** Caches the history files that it has read. A damaged one is read again at the next call. */
export class TimelineReader {
  readonly #store: ArchiveStore;
  readonly #source: string;
  readonly #disk: Disk;
  readonly #known = new Map<string, TimelineHistory | undefined>();

  constructor(store: ArchiveStore, source: string, disk: Disk = nodeDisk) {
    this.#store = store;
    this.#source = source;
    this.#disk = disk;
  }

  /**
   * No timelines for a source of another type than PostgreSQL. Rejects when the archive cannot be read.
   * `from`: the lowest timeline whose history is read. @default all
   */
  async read(
    { rule }: SegmentNaming,
    { from = '' }: { readonly from?: string } = {},
  ): Promise<ReadTimelines> {
    if (rule.kind !== 'postgres') return { timelines: new Timelines([], 1), unreadable: new Map() };
    const unreadable = new Map<string, WalqError>();
    const histories: TimelineHistory[] = [];
    for (const key of await this.#keys(from)) {
      try {
        const history = await this.#history(key);
        if (history !== undefined) histories.push(history);
      } catch (error) {
        if (!isWalqError(error) || error.class === 'retryable') throw error;
        unreadable.set(key.segment, error);
      }
    }
    return { timelines: new Timelines(histories, rule.segmentBytes), unreadable };
  }

  async #keys(from: string): Promise<readonly ArchiveKey[]> {
    const found: ArchiveKey[] = [];
    const includesShard = (shard: string) => shard.length === HISTORY_SHARD_DIGITS && shard >= from;
    for await (const keys of this.#store.list(this.#source, includesShard)) {
      found.push(...keys.filter(({ segment }) => parseWalFile(segment)?.kind === 'history'));
    }
    return found;
  }

  async #history(key: ArchiveKey): Promise<TimelineHistory | undefined> {
    if (this.#known.has(key.segment)) return this.#known.get(key.segment);
    const text = await this.#text(key);
    if (text === undefined) return undefined;
    const history = parseHistory(key.segment.slice(0, HISTORY_SHARD_DIGITS), text);
    this.#known.set(key.segment, history);
    return history;
  }

  async #text(key: ArchiveKey): Promise<string | undefined> {
    const local = await this.#store.fetch(key);
    if (local === undefined) return undefined;
    const where = keyPath(key);
    try {
      const task = {
        objectPath: local.path,
        memory: local.memory,
        where,
        bytesMax: HISTORY_BYTES_MAX,
      };
      const { plain, manifestJson } = await readObject(this.#disk, task);
      parseManifest(where, manifestJson);
      return plain.toString('utf8');
    } finally {
      await local.release();
    }
  }
}
