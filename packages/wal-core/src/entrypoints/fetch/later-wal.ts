/**
 * Whether an archive proves that WAL continues after a file that it lacks. PostgreSQL takes a missing file for the
 * end of all
 * WAL, so "absent" is a valid answer only where nothing later is known.
 *
 * The cost does not grow with the archive: it lists shards from the missing file on, and reads the history files of
 * its own
 * and later timelines.
 */
import type { SourceArchive } from '../../reading/gap-rules.ts';
import { nameOfEmpty, parseWalFile } from '../../source/postgres/wal-file.ts';
import { numberOnTimeline, type SegmentName } from '../../source/segment-name.ts';
import type { ArchiveStore, ShardFilter } from '../../store/store.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';

const TIMELINE_DIGITS = 8;
const SEGMENT_SHARD_DIGITS = 16;

const timelineIn = (name: string): string => name.slice(0, TIMELINE_DIGITS);

/**
 * What comes after the missing file, in words; undefined where nothing is known to. Files that recovery does not
 * request
 * (`.partial`, `.backup`) never end it.
 */
export async function laterThan(
  archive: SourceArchive,
  absent: SegmentName,
): Promise<string | undefined> {
  const kind = parseWalFile(absent.name)?.kind;
  if (kind === 'segment') return laterThanSegment(archive, absent);
  if (kind === 'history') return laterThanHistory(archive, timelineIn(absent.name));
  return undefined;
}

async function laterThanSegment(
  { store, source, naming }: SourceArchive,
  absent: SegmentName,
): Promise<string | undefined> {
  const timeline = timelineIn(absent.name);
  const reader = new TimelineReader(store, source);
  const { timelines, unreadable } = await reader.read(naming, { from: timeline });
  for (const damaged of unreadable.values()) throw damaged;
  const position = numberOnTimeline(absent);
  // Before PostgreSQL 14, recovery also requests segments of the newest timeline from before its start.
  if (position < (timelines.branchOf(timeline)?.begin ?? 0n)) return undefined;
  const shard = absent.name.slice(0, SEGMENT_SHARD_DIGITS);
  const isLater = (name: string): boolean => {
    const other = naming.parse(name);
    if (other === undefined) return false;
    // A backup history file is written when the segment it is named after is complete.
    const isAlsoHere = parseWalFile(name)?.kind === 'backup';
    return other.number > absent.number || (isAlsoHere && other.number === absent.number);
  };
  const found = await firstIn(
    store,
    source,
    (one) => isOfSegments(one) && timelineIn(one) === timeline && one >= shard,
    isLater,
  );
  if (found !== undefined) return `the archive holds ${found}`;
  const child = timelines.childrenOf(timeline).find(({ begin }) => position < begin);
  if (child !== undefined) {
    return `the archive knows that timeline ${child.timeline} begins after it`;
  }
  // A timeline whose history is missing, empty or damaged may have started after this segment.
  const isUnchecked = (other: string) =>
    other > timeline && timelines.branchOf(other) === undefined;
  const unchecked = await firstIn(
    store,
    source,
    (one) => isUnchecked(timelineIn(one)),
    (name) => naming.parse(name) !== undefined,
  );
  return (
    unchecked &&
    `the archive holds ${unchecked} of a later timeline, and no history file states where that timeline begins`
  );
}

/**
 * PostgreSQL requests the histories one after another to find the newest timeline, and stops at the first that is
 * missing.
 * For the timeline that an archive starts with it is missing legitimately.
 */
async function laterThanHistory(
  { store, source, naming }: SourceArchive,
  timeline: string,
): Promise<string | undefined> {
  // Timeline 1 has no history file.
  if (timeline === '00000001') return undefined;
  const first = (includesShard: ShardFilter) =>
    firstIn(store, source, includesShard, (name) => naming.parse(name) !== undefined);
  const nothing = nameOfEmpty(`${timeline}.history`);
  const empty = await firstIn(
    store,
    source,
    (one) => one === timeline,
    (name) => name === nothing,
  );
  if (empty !== undefined) return 'an empty file of this name was archived';
  const later = await first((shard) => timelineIn(shard) > timeline);
  if (later !== undefined) return `the archive holds ${later}`;
  const own = await first((shard) => isOfSegments(shard) && timelineIn(shard) === timeline);
  if (own === undefined) return undefined;
  const earlier = await first((shard) => timelineIn(shard) < timeline);
  return earlier && `the archive holds ${own}, and ${earlier} of an earlier timeline`;
}

const isOfSegments: ShardFilter = (shard) => shard.length === SEGMENT_SHARD_DIGITS;

async function firstIn(
  store: ArchiveStore,
  source: string,
  includesShard: ShardFilter,
  matches: (name: string) => boolean,
): Promise<string | undefined> {
  for await (const keys of store.list(source, includesShard)) {
    const found = keys.map(({ segment }) => segment).filter(matches);
    if (found.length > 0) return found.toSorted()[0];
  }
  return undefined;
}
