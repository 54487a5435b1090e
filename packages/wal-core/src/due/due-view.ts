/**
 * What is to be archived now, from the disk's truth and the archive's, never from Redis.
 *
 * Due = sealed and flushed, not archived, not quarantined. Of a source that deletes, a file that is
 * there is due; its newest one stays there, so that one is asked for in the archive. Of a source that
 * keeps, what is archived is remembered by name; the memory is rebuilt from the archive's listing.
 */
import type { Disk } from '../disk/index.ts';
import { isMissing, isWalqError, sourceFailure } from '../failure/index.ts';
import { quarantineFilter } from '../quarantine/index.ts';
import type { OpenSource } from '../pipeline/index.ts';
import { compareSegments, scanSource, segmentPath, type SegmentName } from '../segment/index.ts';
import { ArchivedNames } from './archived-names.ts';
import { archiveKeyOf } from '../store/index.ts';

export interface DueScan {
  /** The lowest due segments, in order; at most as many as asked for. */
  readonly due: readonly SegmentName[];
  /** How many are due in all. */
  readonly dueCount: number;
}

export interface DueView {
  /**
   * Looks at the disk once. Memory is bounded by `lowestMax`, not by the backlog. `upTo` bounds what is
   * looked for, inclusive. Rejects with `source-unavailable`, `source-reset` or `watermark-malformed`.
   */
  scan(lowestMax: number, upTo?: SegmentName): Promise<DueScan>;
  /** Those of a few segments that are due now, in their order; costs little more than a look at each. */
  dueAmong(segments: readonly SegmentName[]): Promise<SegmentName[]>;
}

export const createDueView = (disk: Disk, open: OpenSource): DueView => new DiskView(disk, open);

class DiskView implements DueView {
  readonly #disk: Disk;
  readonly #open: OpenSource;
  readonly #archived: ArchivedNames;

  constructor(disk: Disk, open: OpenSource) {
    this.#disk = disk;
    this.#open = open;
    this.#archived = new ArchivedNames(disk, open);
  }

  async scan(lowestMax: number, upTo?: SegmentName): Promise<DueScan> {
    const { source, store, gate } = this.#open;
    const bound = lower(await gate.sealedUpTo(), upTo);
    if (bound === undefined) return { due: [], dueCount: 0 };
    await this.#archived.load();
    const isSetAside = await quarantineFilter(store, source.name);
    const { lowest, acceptedCount } = await scanSource(this.#disk, source, {
      lowestMax,
      highestMax: 0,
      accept: (segment) =>
        compareSegments(segment, bound) <= 0 &&
        !this.#archived.has(segment.name) &&
        !isSetAside(segment.name),
    });
    const due = await this.#withoutArchived(lowest);
    const known = lowest.length - due.length;
    if (due.length === 0 && acceptedCount > known) return this.scan(lowestMax, upTo);
    return { due, dueCount: acceptedCount - known };
  }

  async dueAmong(segments: readonly SegmentName[]): Promise<SegmentName[]> {
    const { source, store, gate } = this.#open;
    const sealedUpTo = await gate.sealedUpTo();
    if (sealedUpTo === undefined) return [];
    const isSetAside = await quarantineFilter(store, source.name);
    const there: SegmentName[] = [];
    for (const segment of segments) {
      const isFlushed = compareSegments(segment, sealedUpTo) <= 0;
      if (!isFlushed || isSetAside(segment.name)) continue;
      if (await isThere(this.#disk, segmentPath(source, segment.name))) there.push(segment);
    }
    return this.#withoutArchived(there);
  }

  /** Asks the archive only where the disk cannot tell: a source that deletes holds what is due, but for its newest. */
  async #withoutArchived(segments: readonly SegmentName[]): Promise<SegmentName[]> {
    const { source, gate } = this.#open;
    const highest = source.afterArchive === 'delete' ? await gate.highest() : undefined;
    const due: SegmentName[] = [];
    for (const segment of segments) {
      const hasNewer = highest !== undefined && compareSegments(segment, highest) < 0;
      if (hasNewer || !(await this.#isDone(segment))) due.push(segment);
    }
    return due;
  }

  /** In the archive, and to stay at the source. */
  async #isDone(segment: SegmentName): Promise<boolean> {
    const { source, gate } = this.#open;
    if (source.afterArchive === 'delete' && (await gate.hasNewer(segment))) return false;
    if (!(await isArchived(this.#open, segment))) return false;
    this.#archived.add(segment.name);
    return true;
  }
}

/** The lower of what is sealed and what was asked for. */
function lower(sealedUpTo: SegmentName | undefined, upTo: SegmentName | undefined) {
  if (sealedUpTo === undefined || upTo === undefined) return sealedUpTo;
  return compareSegments(upTo, sealedUpTo) < 0 ? upTo : sealedUpTo;
}

/** A name that fits into no archive is in none: its segment is due, and set aside when its turn comes. */
async function isArchived({ source, store }: OpenSource, segment: SegmentName): Promise<boolean> {
  try {
    return (await store.stat(archiveKeyOf(source.name, segment))) !== undefined;
  } catch (error) {
    if (isWalqError(error, 'segment-name-refused')) return false;
    throw error;
  }
}

async function isThere(disk: Disk, path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw sourceFailure(`look at ${path}`, error);
  }
}
