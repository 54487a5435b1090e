/** Level and ratio of the newest archived segments. Objects never change, so each is read once. */
import { isWalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../map-in-order.ts';
import { MEASURED_BYTES_MIN } from '../../pipeline/source-level.ts';
import { keyPath, type ArchiveKey } from '../../store/archive-key.ts';
import { readManifest } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { LastArchived } from './source-snapshot.ts';

/** How many of the newest objects are read. */
export const RECENT_MAX = 32;
const READS_AT_ONCE = 8;

interface Sizes extends LastArchived {
  readonly bytes: number;
  readonly objectBytes: number;
  readonly level: number;
}

export class RecentObjects {
  readonly #store: ArchiveStore;
  #known = new Map<string, Sizes>();

  constructor(store: ArchiveStore) {
    this.#store = store;
  }

  /** @param keys the newest keys, in order */
  async read(keys: readonly ArchiveKey[]): Promise<{
    readonly ratio: number | null;
    readonly last: LastArchived | null;
    readonly levels: readonly number[];
  }> {
    const found = new Map<string, Sizes>();
    const read = mapInOrder(
      keys,
      READS_AT_ONCE,
      async (key) => [key, await this.#sizes(key)] as const,
    );
    for await (const [key, sizes] of read) if (sizes !== undefined) found.set(keyPath(key), sizes);
    this.#known = found;
    const newest = keys.at(-1);
    const last = newest === undefined ? undefined : found.get(keyPath(newest));
    return {
      ratio: ratioOf([...found.values()]),
      levels: levelsOf([...found.values()]),
      last: last === undefined ? null : { segment: last.segment, archivedAt: last.archivedAt },
    };
  }

  /** Undefined for an object that was removed during the read, or whose manifest is damaged. */
  async #sizes(key: ArchiveKey): Promise<Sizes | undefined> {
    const known = this.#known.get(keyPath(key));
    if (known !== undefined) return known;
    try {
      const stat = await this.#store.stat(key);
      const manifest = stat && (await readManifest(this.#store, key));
      if (manifest === undefined || stat === undefined) return undefined;
      const { segment, archivedAt, bytes, level } = manifest;
      return { segment, archivedAt, bytes, objectBytes: stat.sizeBytes, level };
    } catch (error) {
      if (!isWalqError(error) || error.class === 'retryable') throw error;
      return undefined;
    }
  }
}

/** Newest first. Segments that are too short to be measured are left out where there are others. */
function levelsOf(sizes: readonly Sizes[]): number[] {
  const measured = sizes.filter(({ bytes }) => bytes >= MEASURED_BYTES_MIN);
  return [
    ...new Set((measured.length > 0 ? measured : sizes).map(({ level }) => level).toReversed()),
  ];
}

function ratioOf(sizes: readonly Sizes[]): number | null {
  const sum = (of: (one: Sizes) => number) => sizes.reduce((all, one) => all + of(one), 0);
  const objectBytes = sum((one) => one.objectBytes);
  return objectBytes === 0 ? null : sum((one) => one.bytes) / objectBytes;
}
