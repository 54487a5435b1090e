/**
 * What is to be archived now, from the disk's truth and the archive's, never from Redis.
 *
 * Due = sealed and flushed, not archived, not quarantined. Of a source that deletes, a file that is
 * there is due; its newest one stays there, so that one is asked for in the archive. Of a source that
 * keeps, what is archived is remembered by name; the memory is rebuilt from the archive's listing.
 */
import type { Disk } from '../disk/index.ts';
import { isMissing, isWalqError, sourceFailure } from '../failure/index.ts';
import { isQuarantined, quarantineFilter } from '../quarantine/index.ts';
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
  /** Looks at one segment, for little. */
  isDue(segment: SegmentName): Promise<boolean>;
}

export function createDueView(disk: Disk, open: OpenSource): DueView {
  const { source, store, gate } = open;
  const archived = new ArchivedNames(disk, open);
  /** Asks the archive where the disk alone cannot tell. */
  const isReallyDue = async (segment: SegmentName): Promise<boolean> => {
    if (source.afterArchive === 'delete' && (await gate.hasNewer(segment))) return true;
    if (!(await isArchived(open, segment))) return true;
    archived.add(segment.name);
    return false;
  };

  const scan = async (lowestMax: number, upTo?: SegmentName): Promise<DueScan> => {
    const sealedUpTo = await gate.sealedUpTo();
    if (sealedUpTo === undefined) return { due: [], dueCount: 0 };
    const bound = upTo !== undefined && compareSegments(upTo, sealedUpTo) < 0 ? upTo : sealedUpTo;
    await archived.load();
    const isSetAside = await quarantineFilter(store, source.name);
    const found = await scanSource(disk, source, {
      lowestMax,
      highestMax: 0,
      accept: (segment) =>
        compareSegments(segment, bound) <= 0 &&
        !archived.has(segment.name) &&
        !isSetAside(segment.name),
    });
    const due: SegmentName[] = [];
    for (const segment of found.lowest) if (await isReallyDue(segment)) due.push(segment);
    const known = found.lowest.length - due.length;
    if (due.length === 0 && found.acceptedCount > known) return scan(lowestMax, upTo);
    return { due, dueCount: found.acceptedCount - known };
  };

  return {
    scan,
    isDue: async (segment) => {
      const sealedUpTo = await gate.sealedUpTo();
      if (sealedUpTo === undefined || compareSegments(segment, sealedUpTo) > 0) return false;
      if (!(await isThere(disk, segmentPath(source, segment.name)))) return false;
      if (await isQuarantined(store, source.name, segment.name)) return false;
      return isReallyDue(segment);
    },
  };
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
