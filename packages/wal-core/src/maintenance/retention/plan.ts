/** What pruning by the given rules would do: a pure function of the archive, its floors, the rules and the time. */
import type { SegmentNaming } from '../../source/naming.ts';
import {
  covers,
  isBelowFloor,
  timelineKey,
  raise,
  floorAt,
  floorPosition,
  type Floors,
  type Floor,
} from '../../archive/floor.ts';
import type { RetentionRules } from './rules.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { segmentNameAt, startLsn } from '../../source/postgres/wal-file.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';

export interface PrunePlan {
  /** The floors before. */
  readonly standing: Floors;
  /** The floors afterwards; none is lower than before. */
  readonly floors: Floors;
  /** Whether any floor is higher than now. */
  readonly isRaised: boolean;
  /** The files below the floors, in the archive's order. */
  readonly toDelete: readonly ArchivedFile[];
  /** In timeline order. */
  readonly timelines: readonly TimelinePlan[];
}

export interface TimelinePlan {
  /** Null for a source with numbered segments. */
  readonly timeline: string | null;
  /** The first segment that is kept; null where all are kept. */
  readonly floor: string | null;
  readonly deletes: Amount;
  readonly keeps: Amount & { readonly first: string | null; readonly last: string | null };
}

/** Files of the archive: segments and auxiliary files, without history files. */
export interface Amount {
  readonly files: number;
  /** Bytes of the objects. */
  readonly bytes: number;
}

interface PlanInput {
  /** In the archive's order. */
  readonly files: readonly ArchivedFile[];
  readonly standing: Floors;
  readonly rules: RetentionRules;
  readonly naming: SegmentNaming;
  readonly nowMs: number;
}

/** @throws WalqError `segment-unknown`, see `planFloors` */
export function planRetention({ files, standing, rules, naming, nowMs }: PlanInput): PrunePlan {
  const floors = raise(standing, planFloors(files, rules, naming, nowMs));
  const toDelete = files.filter(({ segment }) => isBelowFloor(floors, segment));
  return {
    standing,
    floors,
    isRaised: !covers(standing, floors),
    toDelete,
    timelines: describe(files, floors),
  };
}

function describe(files: readonly ArchivedFile[], floors: Floors): TimelinePlan[] {
  const byTimeline = new Map<string, { kept: ArchivedFile[]; toDelete: ArchivedFile[] }>();
  for (const file of files) {
    if (file.segment.name.endsWith('.history') && file.segment.isAuxiliary === true) continue;
    const timeline = timelineKey(file.segment);
    const found = byTimeline.get(timeline) ?? { kept: [], toDelete: [] };
    byTimeline.set(timeline, found);
    (isBelowFloor(floors, file.segment) ? found.toDelete : found.kept).push(file);
  }
  return [...byTimeline].map(([timeline, { kept, toDelete }]) => {
    const segments = kept.filter(({ segment }) => segment.isAuxiliary !== true);
    const [first, last] = [segments[0], segments.at(-1)].map((file) => file?.segment.name ?? null);
    return {
      timeline: timeline === '' ? null : timeline,
      floor: floors.get(timeline)?.segment ?? null,
      deletes: amountOf(toDelete),
      keeps: { ...amountOf(kept), first: first ?? null, last: last ?? null },
    };
  });
}

export const amountOf = (files: readonly ArchivedFile[]): Amount => ({
  files: files.length,
  bytes: files.reduce((sum, { objectBytes }) => sum + objectBytes, 0),
});

// Retention rules → one floor for each timeline: a pure function of what the archive holds.
//
// A floor that a rule sets on one timeline applies, by position, to all earlier ones, and later timelines are kept
// from there
// on, so that what is kept of an ancestor is never separated from its descendants. No history file has to exist or be
// trusted
// for that. See docs/decisions/0054-prune-floor-per-timeline.md.

const DAY_MS = 24 * 60 * 60 * 1000;

/** The lowest position that a rule keeps on a timeline; -1 where it keeps everything. */
type Lowest = bigint | 'nothing-kept';
type Rule = (timeline: Timeline) => Lowest;
const ALL = -1n;

/**
 * The floors that follow from the rules alone. The newest segment of the newest timeline is below none.
 *
 * @throws WalqError `segment-unknown` where a rule keeps from a segment above everything that is archived
 */
function planFloors(
  files: readonly ArchivedFile[],
  rules: RetentionRules,
  naming: SegmentNaming,
  nowMs: number,
): Floors {
  const timelines = timelinesOf(files);
  const newest = timelines.at(-1);
  if (newest === undefined) return new Map();
  for (const from of rules.keepFrom) assertArchived(timelines, newest, from);
  const each = compile(rules, timelines, newest, nowMs);
  const floors = new Map<string, Floor>();
  let lowestSoFar: Lowest = 'nothing-kept';
  for (const timeline of timelines) {
    const bounds = each.map((rule) => rule(timeline));
    if (timeline === newest) bounds.push(requirePosition(newest.newest));
    lowestSoFar = [lowestSoFar, ...bounds].reduce(lower);
    const floor = floorOf(timeline, lowestSoFar, rules, naming);
    if (floor !== undefined) floors.set(timeline.timeline, floor);
  }
  return floors;
}

const lower = (a: Lowest, b: Lowest): Lowest =>
  a === 'nothing-kept' ? b : b === 'nothing-kept' || a < b ? a : b;

function compile(
  { keepDays, keepSegments, keepFrom }: RetentionRules,
  timelines: readonly Timeline[],
  newest: Timeline,
  nowMs: number,
): readonly Rule[] {
  const rules: Rule[] = keepFrom.map((from) => fromPoint(timelineKey(from), requirePosition(from)));
  if (keepDays !== undefined) rules.push(since(nowMs - keepDays * DAY_MS));
  if (keepSegments === undefined) return rules;
  const oldest = oldestOfNewest(timelines, newest, keepSegments);
  return [...rules, oldest === undefined ? () => ALL : fromPoint(newest.timeline, oldest)];
}

/** Keeps from a position on a timeline. A later timeline may have branched off anywhere, and is kept as a whole. */
const fromPoint =
  (line: string, position: bigint): Rule =>
  ({ timeline }) =>
    timeline <= line ? position : ALL;

const since =
  (sinceMs: number): Rule =>
  ({ files }) => {
    const oldest = files.find(({ archivedAtMs }) => (archivedAtMs ?? -Infinity) >= sinceMs);
    return oldest === undefined ? 'nothing-kept' : requirePosition(oldest.segment);
  };

/**
 * Counts back from the newest segment. Each position counts once, on whichever timeline; segments of an abandoned
 * timeline
 * above the newest position are kept as well. Undefined where there are not more segments than `count`.
 */
function oldestOfNewest(
  timelines: readonly Timeline[],
  { newest }: Timeline,
  count: number,
): bigint | undefined {
  const top = requirePosition(newest);
  const positions = timelines.flatMap(({ files }) =>
    files.map(({ segment }) => requirePosition(segment)),
  );
  const below = [...new Set(positions)].filter((position) => position <= top);
  return below.toSorted((a, b) => (a > b ? -1 : 1))[count - 1];
}

/** Undefined where no segment of the timeline is below it. */
function floorOf(
  { files, newest, timeline }: Timeline,
  lowest: Lowest,
  { keepFrom }: RetentionRules,
  naming: SegmentNaming,
): Floor | undefined {
  if (lowest === 'nothing-kept') return floorAt(nextAfter(newest, naming));
  if (lowest <= requirePosition((files[0] as ArchivedFile).segment)) return undefined;
  const known = [...files.map(({ segment }) => segment), ...keepFrom];
  const there = known.find(
    (one) => timelineKey(one) === timeline && requirePosition(one) === lowest,
  );
  if (there !== undefined) return floorAt(there);
  const position = lowest.toString(16).toUpperCase().padStart(16, '0');
  return { timeline, position: lowest, segment: `${timeline}${position}` };
}

/** The segment after the newest. Sources with numbered segments never get here: their newest segment is kept. */
function nextAfter({ name, number, timeline }: SegmentName, { rule }: SegmentNaming): SegmentName {
  if (rule.kind !== 'postgres' || timeline === undefined) {
    throw new RangeError(`${name} is the newest segment and must be kept`);
  }
  const next = number + 1n;
  const within = next & 0xffff_ffff_ffff_ffffn;
  const lsn = startLsn(within, rule.segmentBytes);
  return { name: segmentNameAt(timeline, lsn, rule.segmentBytes), number: next, timeline };
}

/** Rejects a rule that names a segment which is not archived yet: by mistake it would delete all the others. */
function assertArchived(timelines: readonly Timeline[], newest: Timeline, from: SegmentName): void {
  const own = timelines.find(({ timeline }) => timeline === timelineKey(from)) ?? newest;
  if (compareSegments(from, own.newest) <= 0) return;
  throw new WalqError('segment-unknown', {
    message: `unable to keep from ${from.name}: the archive ends at ${own.newest.name}`,
    hint: 'Nothing was pruned. Check the name, and check that the WAL of the base backup is archived.',
  });
}

// The archive's segments by timeline.

/** One object of the archive, from its name and its manifest. */
export interface ArchivedFile {
  readonly segment: SegmentName;
  readonly objectBytes: number;
  /** When it was archived, milliseconds since 1970; undefined where its manifest is damaged. */
  readonly archivedAtMs: number | undefined;
}

/** A timeline with its segments in order, without auxiliary files. */
interface Timeline {
  readonly timeline: string;
  readonly files: readonly ArchivedFile[];
  readonly newest: SegmentName;
}

/** In timeline order; timelines without a segment are left out. */
function timelinesOf(files: readonly ArchivedFile[]): readonly Timeline[] {
  const byTimeline = new Map<string, ArchivedFile[]>();
  for (const file of files) {
    if (file.segment.isAuxiliary === true) continue;
    const timeline = timelineKey(file.segment);
    const found = byTimeline.get(timeline);
    if (found === undefined) byTimeline.set(timeline, [file]);
    else found.push(file);
  }
  return [...byTimeline.keys()].toSorted().flatMap((timeline) => {
    const inOrder = (byTimeline.get(timeline) ?? []).toSorted((a, b) =>
      compareSegments(a.segment, b.segment),
    );
    const newest = inOrder.at(-1)?.segment;
    return newest === undefined ? [] : [{ timeline, files: inOrder, newest }];
  });
}

/** For segments only, which always have a position. */
function requirePosition(segment: SegmentName): bigint {
  const position = floorPosition(segment);
  if (position === undefined) throw new RangeError(`${segment.name} has no position in the WAL`);
  return position;
}
