/** Plans a restore: which objects to restore, and what is missing among them. */
import {
  aboveFloors,
  withinRange,
  keysInOrder,
  type SegmentRange,
  type OrderedKey,
} from '../keys-in-order.ts';
import {
  explainGaps,
  type ExplainGap,
  listAcknowledgedGaps,
  type KnownGap,
} from '../../archive/acknowledged-gaps.ts';
import { readFloors } from '../../archive/floor-records.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { GapDetector, type Missing } from '../spans/gap-detector.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { isBelowFloor, type Floors, belowFloorError } from '../../archive/floor.ts';
import { numberOnTimeline, type SegmentName } from '../../source/segment-name.ts';
import { isOnPart, segmentOnPath, type PathPart, type Timelines } from '../../archive/timelines.ts';
import { keyPath } from '../../store/archive-key.ts';

export interface RestorePlanOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly naming: SegmentNaming;
  /** Whether a number that is left out is a missing segment. @default false */
  readonly consecutive?: boolean;
  /** Rejected where it starts or ends below the prune floor. An open start is the floor. */
  readonly range?: SegmentRange;
  /** For PostgreSQL, instead of `range`: everything that recovery needs on the path to a timeline. */
  readonly lsn?: LsnRange;
}

export interface RestorePlan {
  /** In order. */
  readonly keys: readonly OrderedKey[];
  /** A bound that is missing itself appears as a gap between itself and itself. */
  readonly missing: readonly KnownGap[];
}

/** @throws WalqError `below-prune-floor`, also while the objects still exist */
export async function planRestore(options: RestorePlanOptions): Promise<RestorePlan> {
  const { store, source, naming, lsn } = options;
  const floors = await readFloors(store, source);
  assertRangeAboveFloors(floors, options.range);
  const { timelines } = await new TimelineReader(store, source).read(naming);
  const explain = explainGaps(await listAcknowledgedGaps(store, source), naming);
  if (lsn !== undefined) return planByLsn({ ...options, lsn, timelines, explain, floors });
  const keys: OrderedKey[] = [];
  const ordered = withinRange(keysInOrder(store, source, naming), options.range);
  for await (const key of aboveFloors(ordered, floors)) keys.push(key);
  if (options.consecutive !== true) return { keys, missing: [] };
  const names = keys.map(({ name }) => name);
  const detector = new GapDetector(timelines);
  return { keys, missing: findMissing({ source, explain, detector }, names, options.range) };
}

// PostgreSQL's segments by position in the WAL: those that recovery reads on its path to a timeline.

/**
 * Log sequence numbers; the segments that contain them are included. An LSN on the border of two segments ends in the
 * first,
 * as `pg_walfile_name` says, and starts with the second.
 */
export interface LsnRange {
  /** 8 hexadecimal digits. @default the latest timeline in the archive */
  readonly timeline?: string;
  /** @default the beginning of the archive */
  readonly from?: bigint;
  /** @default the end of the archive */
  readonly until?: bigint;
}

interface ByLsn extends RestorePlanOptions {
  readonly lsn: LsnRange;
  readonly timelines: Timelines;
  readonly explain: ExplainGap;
  readonly floors: Floors;
}

async function planByLsn(options: ByLsn): Promise<RestorePlan> {
  const { store, source, naming, timelines, lsn, explain, floors } = options;
  if (naming.rule.kind !== 'postgres') {
    throw new WalqError('usage', {
      message: `'${source}' is not a PostgreSQL source: its segments have no log sequence numbers`,
      hint: 'Name segments with --from and --until.',
    });
  }
  const all: OrderedKey[] = [];
  for await (const key of aboveFloors(keysInOrder(store, source, naming), floors)) all.push(key);
  const timeline = lsn.timeline ?? latestOf(all, timelines);
  const path = new TimelinePath(timelines.pathTo(timeline), lsn, naming.rule.segmentBytes);
  const [from, until] = [path.first, path.last].map((bound) => bound && naming.parse(bound));
  const range = { ...(from && { from }), ...(until && { until }) };
  assertRangeAboveFloors(floors, range);
  const keys = all.filter(({ name }) => path.includes(name) || path.needsHistory(name));
  const names = keys.map(({ name }) => name);
  return {
    keys,
    missing: findMissing({ source, explain, detector: new ByNumber() }, names, range),
  };
}

function latestOf(all: readonly OrderedKey[], timelines: Timelines): string {
  const there = all.map(({ name }) => name.timeline ?? '');
  const known = [...timelines.branched, ...there];
  return known.reduce((latest, one) => (one > latest ? one : latest), '00000001');
}

class TimelinePath {
  readonly #path: readonly PathPart[];
  readonly #first: bigint | undefined;
  readonly #last: bigint | undefined;
  readonly #segmentBytes: number;

  constructor(path: readonly PathPart[], { from, until }: LsnRange, segmentBytes: number) {
    this.#path = path;
    const size = BigInt(segmentBytes);
    this.#first = from === undefined ? undefined : from / size;
    const last = until === undefined || until === 0n ? until : (until - 1n) / size;
    this.#last = last !== undefined && last < (this.#first ?? 0n) ? this.#first : last;
    this.#segmentBytes = segmentBytes;
  }

  includes(name: SegmentName): boolean {
    if (name.isAuxiliary === true) return false;
    const position = numberOnTimeline(name);
    const part = this.#path.find(({ timeline }) => timeline === name.timeline);
    return part !== undefined && isOnPart(part, position) && isOnPart(this.#bounds(), position);
  }

  /** Recovery needs every history file of the path, whichever part of the WAL is requested. */
  needsHistory({ name }: SegmentName): boolean {
    return this.#path.some(({ timeline }) => name === `${timeline}.history`);
  }

  /** Names of the segments that contain the bounds. */
  get first(): string | undefined {
    return this.#first === undefined ? undefined : this.#nameAt(this.#first);
  }

  get last(): string | undefined {
    return this.#last === undefined ? undefined : this.#nameAt(this.#last);
  }

  #bounds() {
    return {
      ...(this.#first !== undefined && { first: this.#first }),
      ...(this.#last !== undefined && { last: this.#last }),
    };
  }

  #nameAt(position: bigint): string {
    return segmentOnPath(this.#path, position, this.#segmentBytes);
  }
}

/** On one path each number stands for one segment, on whichever timeline. */
class ByNumber {
  #last: SegmentName | undefined;

  next(segment: SegmentName): Missing | undefined {
    const after = this.#last;
    this.#last = segment;
    const count =
      after === undefined ? 0n : numberOnTimeline(segment) - numberOnTimeline(after) - 1n;
    return after === undefined || count <= 0n ? undefined : { after, count };
  }
}

interface MissingSearch {
  readonly source: string;
  readonly explain: ExplainGap;
  /** Takes the segments in order and returns what is missing before each. */
  readonly detector: { next(segment: SegmentName): Missing | undefined };
}

/**
 * What is missing among the segments, in order, and between them and the named bounds. A bound that is missing itself
 * appears
 * as a gap between itself and itself.
 */
function findMissing(
  { source, explain, detector }: MissingSearch,
  names: readonly SegmentName[],
  { from, until }: SegmentRange = {},
): readonly KnownGap[] {
  const there = names.filter(({ isAuxiliary }) => isAuxiliary !== true);
  const known = new Set(names.map(({ name }) => name));
  const absent = [from, until].filter((one) => one !== undefined && !known.has(one.name));
  const bounds = new Set(absent);
  const found: KnownGap[] = [];
  for (const segment of withBounds(there, bounds, from, until)) {
    const missing = detector.next(segment);
    if (missing !== undefined) {
      const { after, count } = missing;
      found.push({ ...gap(after, segment, Number(count)), acknowledged: explain(after, segment) });
    }
    if (bounds.has(segment)) {
      const acknowledged = explain(moved(segment, -1n), moved(segment, 1n));
      found.push({ ...gap(segment, segment, 1), acknowledged });
    }
  }
  return found;

  function gap(after: SegmentName, before: SegmentName, missing: number) {
    return { source, after: after.name, before: before.name, missing };
  }
}

function withBounds(
  there: readonly SegmentName[],
  absent: ReadonlySet<SegmentName | undefined>,
  from: SegmentName | undefined,
  until: SegmentName | undefined,
): readonly SegmentName[] {
  const isOne = from?.name === until?.name;
  return [
    ...(from !== undefined && absent.has(from) ? [from] : []),
    ...there,
    ...(until !== undefined && absent.has(until) && !isOne ? [until] : []),
  ];
}

const moved = (segment: SegmentName, by: bigint): SegmentName => ({
  ...segment,
  number: segment.number + by,
});

/** Rejects also while the objects still exist: they are removed when the floor's grace period ends. */
function assertRangeAboveFloors(floors: Floors, { from, until }: SegmentRange = {}): void {
  const below = [from, until].find((one) => one && isBelowFloor(floors, one));
  if (below !== undefined) throw belowFloorError(floors, below);
}

/**
 * Why an object disappeared: the floor may have been raised since the restore started, with a grace period that was
 * too short.
 */
export async function whyGone(store: ArchiveStore, { key, name }: OrderedKey): Promise<WalqError> {
  const floors = await readFloors(store, key.source);
  if (isBelowFloor(floors, name)) return belowFloorError(floors, name);
  return new WalqError('object-missing', {
    message: `${keyPath(key)} was removed during the restore`,
  });
}
