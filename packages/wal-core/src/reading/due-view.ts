/**
 * What is due now, computed from the disk and the archive, never from Redis.
 *
 * Due = sealed and flushed, not archived, not quarantined, not below the prune floor. For a source that deletes,
 * every file
 * that is there is due, except its newest, which stays: that one is checked in the archive. For a source that keeps,
 * each
 * file is checked in the archive once; the answers are cached in memory. See decision 0110.
 */
import { isKeptContent, keptChecksum } from '../pipeline/kept-file.ts';
import type { Disk } from '../base/disk/disk.ts';
import { isWalqError } from '../base/failure/walq-error.ts';
import { quarantineFilter } from '../archive/quarantine.ts';
import { mapInOrder } from './map-in-order.ts';
import type { OpenSource } from '../pipeline/open-source.ts';
import { isBelowFloor } from '../archive/floor.ts';
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import { isAtSource, stateAtSource } from '../source/at-source.ts';
import { requireSameIdentity } from '../source/identity.ts';
import { keyOfFile, keyOfOtherPartial, type ArchiveKey } from '../store/archive-key.ts';
import { matchesKey, readManifest } from '../store/stored-object.ts';

/** Segments scanned at a time, even if fewer are asked for: each scan lists the source's directory. */
const PIECE_MIN = 4_096;
const CHECKS_AT_ONCE = 16;

export interface DueScan {
  /** The lowest due segments, in order, at most as many as asked for. */
  readonly due: readonly SegmentName[];
  /** How many segments are due in total. */
  readonly dueCount: number;
}

export interface DueView {
  /**
   * Scans the disk once. Memory is bounded by `lowestMax`, not by the backlog. `upTo` is an inclusive upper bound;
   * `marking` counts as the watermark, for a caller that is writing it at the same time. Rejects with
   * `source-unavailable`, `source-reset` or `watermark-malformed`.
   */
  scan(lowestMax: number, upTo?: SegmentName, marking?: SegmentName): Promise<DueScan>;
  /** The given segments that are due now, in their order. Costs little more than a stat of each. */
  dueAmong(segments: readonly SegmentName[]): Promise<SegmentName[]>;
}

interface DueViewOptions {
  /**
   * For a source that keeps: how often a scan checks that files found in the archive have not changed, in
   * milliseconds.
   * @default 30000
   */
  readonly recheckMs?: number;
}

const RECHECK_MS = 30_000;

export const createDueView = (
  disk: Disk,
  open: OpenSource,
  options: DueViewOptions = {},
): DueView => new DiskView(disk, open, options);

interface ArchivedState {
  readonly segment: SegmentName;
  readonly state: string;
}

class DiskView implements DueView {
  readonly #disk: Disk;
  readonly #open: OpenSource;
  readonly #recheckMs: number;
  /** For a source that keeps: the state of each file that was found in the archive, so that it is not checked again. */
  #archived = new Map<string, ArchivedState>();
  #recheckedMs = -Infinity;

  constructor(disk: Disk, open: OpenSource, { recheckMs = RECHECK_MS }: DueViewOptions) {
    this.#disk = disk;
    this.#open = open;
    this.#recheckMs = recheckMs;
  }

  async scan(lowestMax: number, upTo?: SegmentName, marking?: SegmentName): Promise<DueScan> {
    await this.#forgetChanged();
    const piece = Math.max(lowestMax, PIECE_MIN);
    for (;;) {
      const { lowest, acceptedCount } = await this.#scanDisk(piece, upTo, marking);
      const due = await this.#withoutArchived(lowest);
      const known = lowest.length - due.length;
      if (due.length > 0) return { due: due.slice(0, lowestMax), dueCount: acceptedCount - known };
      await requireSameIdentity(this.#disk, this.#open);
      if (acceptedCount === known) return { due, dueCount: 0 };
    }
  }

  async dueAmong(segments: readonly SegmentName[]): Promise<SegmentName[]> {
    const there = await inOrder(segments, (one) => isAtSource(this.#disk, this.#open.source, one));
    const due = there.length === 0 ? [] : await this.#dueOf(there);
    if (due.length < segments.length) await requireSameIdentity(this.#disk, this.#open);
    return due;
  }

  /** Of segments that are at the source. */
  async #dueOf(there: readonly SegmentName[]): Promise<SegmentName[]> {
    const [sealed, isExcluded] = await Promise.all([
      this.#open.gate.sealedAmong(there),
      this.#exclusions(),
    ]);
    return this.#withoutArchived(sealed.filter((segment) => !isExcluded(segment)));
  }

  /** The lowest segments that may be due, by the disk, the quarantine and the cache. */
  async #scanDisk(lowestMax: number, upTo?: SegmentName, marking?: SegmentName) {
    const { gate } = this.#open;
    const [sealedUpTo, isExcluded] = await Promise.all([
      gate.sealedUpTo(marking),
      this.#exclusions(),
    ]);
    const bound = lower(sealedUpTo, upTo);
    if (bound === undefined) return { lowest: [], acceptedCount: 0 };
    const archived = new Map<string, ArchivedState>();
    const scan = await gate.scan({
      lowestMax,
      accept: (segment) => {
        const known = this.#archived.get(segment.name);
        if (known !== undefined) archived.set(segment.name, known);
        return known === undefined && compareSegments(segment, bound) <= 0 && !isExcluded(segment);
      },
    });
    // Entries of files that left the source are dropped: memory follows the directory, not the archive.
    this.#archived = archived;
    return scan;
  }

  /** Quarantined, or below the prune floor. */
  async #exclusions(): Promise<(segment: SegmentName) => boolean> {
    const { source, store, retention } = this.#open;
    const isQuarantined = await quarantineFilter(store, source.name);
    const floors = await retention.floors();
    return (segment) => isBelowFloor(floors, segment) || isQuarantined(segment.name);
  }

  /**
   * Checks the archive only where the disk is not enough: at a source that deletes, all files but the newest are due.
   */
  async #withoutArchived(segments: readonly SegmentName[]): Promise<SegmentName[]> {
    const { source, gate } = this.#open;
    const highest = source.afterArchive === 'delete' ? await gate.highest() : undefined;
    const mayBeDone = ({ number }: SegmentName): boolean =>
      highest === undefined || number >= highest.number;
    const isDue = async (segment: SegmentName): Promise<boolean> => !(await this.#isDone(segment));
    const checked = new Set(await inOrder(segments.filter(mayBeDone), isDue));
    return segments.filter((segment) => !mayBeDone(segment) || checked.has(segment));
  }

  /** Archived, and kept at the source. */
  async #isDone(segment: SegmentName): Promise<boolean> {
    const { source, gate } = this.#open;
    if (source.afterArchive === 'delete' && (await gate.hasNewer(segment))) return false;
    // Read before the archive is checked: a file that is written during the check then has another state.
    const state = source.afterArchive === 'keep' ? await this.#stateOf(segment) : undefined;
    if (!(await isArchived(this.#disk, this.#open, segment))) return false;
    if (state !== undefined) this.#archived.set(segment.name, { segment, state });
    return true;
  }

  /** Drops the entries of files that were written after they were archived, so that they are checked again. */
  async #forgetChanged(): Promise<void> {
    if (performance.now() - this.#recheckedMs < this.#recheckMs) return;
    this.#recheckedMs = performance.now();
    const states = mapInOrder(
      [...this.#archived],
      CHECKS_AT_ONCE,
      async ([name, { segment, state }]) =>
        [name, (await this.#stateOf(segment)) === state] as const,
    );
    for await (const [name, isSame] of states) if (!isSame) this.#archived.delete(name);
  }

  /** A value that changes with every write to the file; undefined when the file is missing. */
  async #stateOf(segment: SegmentName): Promise<string | undefined> {
    const state = await stateAtSource(this.#disk, this.#open.source, segment);
    if (state === undefined) return undefined;
    const { inode, size, mtimeNs, ctimeNs } = state;
    return `${inode} ${size} ${mtimeNs} ${ctimeNs}`;
  }
}

/** Those segments for which the check succeeds, in their order; a few are checked at a time. */
async function inOrder(
  segments: readonly SegmentName[],
  check: (segment: SegmentName) => Promise<boolean>,
): Promise<SegmentName[]> {
  const found: SegmentName[] = [];
  const checked = mapInOrder(
    segments,
    CHECKS_AT_ONCE,
    async (segment) => [segment, await check(segment)] as const,
  );
  for await (const [segment, is] of checked) if (is) found.push(segment);
  return found;
}

/** The lower of the sealed bound and the requested bound. */
function lower(sealedUpTo: SegmentName | undefined, upTo: SegmentName | undefined) {
  if (sealedUpTo === undefined || upTo === undefined) return sealedUpTo;
  return compareSegments(upTo, sealedUpTo) < 0 ? upTo : sealedUpTo;
}

/**
 * Whether the archive holds this segment: an object that names it, has its length, and was made from the file as last
 * written. Otherwise the segment stays due: the pipeline compares the contents and reports where they differ.
 */
async function isArchived(
  disk: Disk,
  { source, sourceId, store }: OpenSource,
  segment: SegmentName,
): Promise<boolean> {
  try {
    const state = await stateAtSource(disk, source, segment);
    if (state === undefined) return false;
    const key = keyOfFile(source.name, segment, state.size);
    const file = { source: source.name, sourceId, segment: segment.name };
    const holds = async (at: ArchiveKey): Promise<boolean> => {
      const manifest = await readManifest(store, at);
      if (manifest === undefined || !matchesKey(manifest, at)) return false;
      return isKeptContent(store, file, state, manifest);
    };
    if (await holds(key)) return true;
    if (keyOfOtherPartial(key, '') === undefined) return false;
    const checksum = await keptChecksum(store, file, state);
    const other = checksum && keyOfOtherPartial(key, checksum.value);
    return other !== undefined && (await holds(other));
  } catch (error) {
    if (!isWalqError(error) || error.class === 'retryable') throw error;
    // What a newer walq archived counts as archived.
    return error.code === 'archive-format-unknown';
  }
}
