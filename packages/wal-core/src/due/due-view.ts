/**
 * What is to be archived now, from the disk's truth and the archive's, never from Redis.
 *
 * Due = sealed and flushed, not archived, not quarantined. Of a source that deletes, a file that is
 * there is due; its newest one stays there, so that one is asked for in the archive. Of a source that
 * keeps, each is asked for once; the memory of the answers is rebuilt from the archive.
 */
import type { Disk } from '../disk/index.ts';
import { isMissing, isWalqError, sourceFailure } from '../failure/index.ts';
import { quarantineFilter } from '../quarantine/index.ts';
import type { OpenSource } from '../pipeline/index.ts';
import { compareSegments, scanSource, segmentPath, type SegmentName } from '../segment/index.ts';
import { archiveKeyOf, readManifest } from '../store/index.ts';

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
  /** Of a source that keeps: names that were found in the archive, which spares asking again. */
  readonly #archived = new Set<string>();

  constructor(disk: Disk, open: OpenSource) {
    this.#disk = disk;
    this.#open = open;
  }

  async scan(lowestMax: number, upTo?: SegmentName): Promise<DueScan> {
    const { source, store, gate } = this.#open;
    const bound = lower(await gate.sealedUpTo(), upTo);
    if (bound === undefined) return { due: [], dueCount: 0 };
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
    if (!(await isArchived(this.#disk, this.#open, segment))) return false;
    if (source.afterArchive === 'keep') this.#archived.add(segment.name);
    return true;
  }
}

/** The lower of what is sealed and what was asked for. */
function lower(sealedUpTo: SegmentName | undefined, upTo: SegmentName | undefined) {
  if (sealedUpTo === undefined || upTo === undefined) return sealedUpTo;
  return compareSegments(upTo, sealedUpTo) < 0 ? upTo : sealedUpTo;
}

/**
 * Whether the archive holds this segment, by what the object says of itself: another source's, one of
 * another length or one that says nothing sound leaves the segment due, and the pipeline says why.
 */
async function isArchived(disk: Disk, open: OpenSource, segment: SegmentName): Promise<boolean> {
  const { source, sourceId, store } = open;
  try {
    const manifest = await readManifest(store, archiveKeyOf(source.name, segment));
    if (manifest === undefined) return false;
    const bytes = await lengthOf(disk, segmentPath(source, segment.name));
    return manifest.sourceId === sourceId && BigInt(manifest.bytes) === bytes;
  } catch (error) {
    if (isWalqError(error) && error.class !== 'retryable') return false;
    throw error;
  }
}

async function lengthOf(disk: Disk, path: string): Promise<bigint | undefined> {
  try {
    return (await disk.lstat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  }
}

const isThere = async (disk: Disk, path: string): Promise<boolean> =>
  (await lengthOf(disk, path)) !== undefined;
