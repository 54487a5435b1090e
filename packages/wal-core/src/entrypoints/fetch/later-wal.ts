/**
 * Whether an archive proves that WAL goes on behind a file that it does not have. PostgreSQL takes a missing
 * file for the end of all WAL, so only where nothing later is known may it be told that a file is missing.
 *
 * What is asked of the archive does not grow with it: shards from the missing file on, and the history files of
 * its own and later timelines.
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
 * What lies behind the missing file, in words; undefined where nothing is known to. Files that no recovery asks
 * for (`.partial`, `.backup`) end none.
 */
export async function laterThan(
  place: SourceArchive,
  absent: SegmentName,
): Promise<string | undefined> {
  const kind = parseWalFile(absent.name)?.kind;
  if (kind === 'segment') return laterThanSegment(place, absent);
  if (kind === 'history') return laterThanHistory(place, timelineIn(absent.name));
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
  // Before PostgreSQL 14 recovery asks the newest timeline for segments in front of its beginning too.
  if (position < (timelines.branchOf(timeline)?.begin ?? 0n)) return undefined;
  const shard = absent.name.slice(0, SEGMENT_SHARD_DIGITS);
  const isLater = (name: string): boolean => {
    const other = naming.parse(name);
    if (other === undefined) return false;
    // A backup's history is written when the segment that it is named after is complete.
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
    return `the archive knows that timeline ${child.timeline} begins behind it`;
  }
  // Of a timeline whose history is missing, empty or garbled nobody knows that it began in front of this segment.
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
    `the archive holds ${unchecked} of a later timeline, of which no history file says where it begins`
  );
}

/**
 * PostgreSQL tries the histories one after another to find the newest timeline, and stops at the first that is
 * missing. It is rightly missing for the timeline that an archive begins with.
 */
async function laterThanHistory(
  { store, source, naming }: SourceArchive,
  timeline: string,
): Promise<string | undefined> {
  // The first timeline has none.
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
