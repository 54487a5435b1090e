/** What pruning by some rules would do: a pure function of the archive, its floors, the rules and the time. */
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
  /** All that shall stand: none lower than before. */
  readonly floors: Floors;
  /** Whether that is more than stands now. */
  readonly isRaised: boolean;
  /** What lies below them, in the order of the archive. */
  readonly toDelete: readonly ArchivedFile[];
  /** In the order of the timelines. */
  readonly timelines: readonly TimelinePlan[];
}

export interface TimelinePlan {
  /** Null where segments are numbered. */
  readonly timeline: string | null;
  /** The first segment that is kept; null where all are. */
  readonly floor: string | null;
  readonly deletes: Amount;
  readonly keeps: Amount & { readonly first: string | null; readonly last: string | null };
}

/** Files of the archive: segments and what lies beside them, but not histories. */
export interface Amount {
  readonly files: number;
  /** Of the objects. */
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

// Rules of retention → one floor for each timeline: a pure function of what the archive holds.
//
// A floor that a rule wants on one timeline holds, by position, on all earlier ones, and later timelines are
// kept from there on: what is kept of an ancestor is never cut off from what came of it. So no history file has
// to be there, or be believed. See docs/decisions/0054-prune-floor-per-timeline.md.

const DAY_MS = 24 * 60 * 60 * 1000;

/** The lowest position that a rule keeps on a timeline; below every one where it keeps all. */
type Lowest = bigint | 'nothing-kept';
type Rule = (timeline: Timeline) => Lowest;
const ALL = -1n;

/**
 * The floors that the rules alone lead to. The newest segment of the newest timeline lies below none.
 *
 * @throws WalqError `segment-unknown` where something is to be kept from a segment above all that is archived
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

/** From a position on a timeline on; a later timeline may have branched off anywhere, and is kept whole. */
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
 * Back from the newest segment, each position counted once whichever timeline it lies on: what an abandoned
 * timeline holds above it is kept beside. Undefined where there are not more than so many.
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

/** Undefined where nothing of the timeline lies below. */
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

/** The segment that would follow. Numbered sources never get here: their newest segment is kept. */
function nextAfter({ name, number, timeline }: SegmentName, { rule }: SegmentNaming): SegmentName {
  if (rule.kind !== 'postgres' || timeline === undefined) {
    throw new RangeError(`${name} is the newest segment and was to be given up`);
  }
  const next = number + 1n;
  const within = next & 0xffff_ffff_ffff_ffffn;
  const lsn = startLsn(within, rule.segmentBytes);
  return { name: segmentNameAt(timeline, lsn, rule.segmentBytes), number: next, timeline };
}

/** Whoever names a segment that is not there yet has mistaken something: it would cost all the others. */
function assertArchived(timelines: readonly Timeline[], newest: Timeline, from: SegmentName): void {
  const own = timelines.find(({ timeline }) => timeline === timelineKey(from)) ?? newest;
  if (compareSegments(from, own.newest) <= 0) return;
  throw new WalqError('segment-unknown', {
    message: `unable to keep from ${from.name}: the archive ends at ${own.newest.name}`,
    hint: 'Nothing was pruned. Check the name, and that the base backup’s WAL is archived.',
  });
}

// What an archive holds, timeline by timeline, as far as the rules of retention ask.

/** One object of the archive, by its name and its manifest. */
export interface ArchivedFile {
  readonly segment: SegmentName;
  readonly objectBytes: number;
  /** When it came into the archive, ms since 1970; undefined where its manifest is damaged. */
  readonly archivedAtMs: number | undefined;
}

/** A timeline with its segments in order; what lies beside them is left out. */
interface Timeline {
  readonly timeline: string;
  readonly files: readonly ArchivedFile[];
  readonly newest: SegmentName;
}

/** In the order of the timelines; those without a segment are left out. */
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

/** Of segments alone, which all lie somewhere. */
function requirePosition(segment: SegmentName): bigint {
  const position = floorPosition(segment);
  if (position === undefined) throw new RangeError(`${segment.name} lies nowhere in the WAL`);
  return position;
}
