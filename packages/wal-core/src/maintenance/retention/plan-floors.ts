/**
 * Rules of retention → one floor for each timeline: a pure function of what the archive holds.
 *
 * A floor that a rule wants on one timeline holds, by position, on all earlier ones, and later timelines are
 * kept from there on: what is kept of an ancestor is never cut off from what came of it. So no history file has
 * to be there, or be believed. See docs/decisions/0054-one-floor-for-each-timeline.md.
 */
import { WalqError } from '../../base/failure/walq-error.ts';
import { segmentNameAt, startLsn } from '../../source/postgres/wal-file.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { floorAt, lineOf, type Floor, type Floors } from '../../archive/floor.ts';
import type { RetentionRules } from './rules.ts';
import { placeOf, timelinesOf, type ArchivedFile, type Timeline } from './timelines.ts';

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
export function planFloors(
  files: readonly ArchivedFile[],
  rules: RetentionRules,
  naming: SegmentNaming,
  nowMs: number,
): Floors {
  const timelines = timelinesOf(files);
  const newest = timelines.at(-1);
  if (newest === undefined) return new Map();
  for (const from of rules.keepFrom) refuseAboveAll(timelines, newest, from);
  const each = compile(rules, timelines, newest, nowMs);
  const floors = new Map<string, Floor>();
  let lowestSoFar: Lowest = 'nothing-kept';
  for (const timeline of timelines) {
    const wanted = each.map((rule) => rule(timeline));
    if (timeline === newest) wanted.push(placeOf(newest.newest));
    lowestSoFar = [lowestSoFar, ...wanted].reduce(lower);
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
  const rules: Rule[] = keepFrom.map((from) => fromPoint(lineOf(from), placeOf(from)));
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
    return oldest === undefined ? 'nothing-kept' : placeOf(oldest.segment);
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
  const top = placeOf(newest);
  const positions = timelines.flatMap(({ files }) => files.map(({ segment }) => placeOf(segment)));
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
  if (lowest === 'nothing-kept') return floorAt(behind(newest, naming));
  if (lowest <= placeOf((files[0] as ArchivedFile).segment)) return undefined;
  const known = [...files.map(({ segment }) => segment), ...keepFrom];
  const there = known.find((one) => lineOf(one) === timeline && placeOf(one) === lowest);
  if (there !== undefined) return floorAt(there);
  const position = lowest.toString(16).toUpperCase().padStart(16, '0');
  return { timeline, position: lowest, segment: `${timeline}${position}` };
}

/** The segment that would follow. Numbered sources never get here: their newest segment is kept. */
function behind({ name, number, timeline }: SegmentName, { rule }: SegmentNaming): SegmentName {
  if (rule.kind !== 'postgres' || timeline === undefined) {
    throw new RangeError(`${name} is the newest segment and was to be given up`);
  }
  const next = number + 1n;
  const within = next & 0xffff_ffff_ffff_ffffn;
  const lsn = startLsn(within, rule.segmentBytes);
  return { name: segmentNameAt(timeline, lsn, rule.segmentBytes), number: next, timeline };
}

/** Whoever names a segment that is not there yet has mistaken something: it would cost all the others. */
function refuseAboveAll(timelines: readonly Timeline[], newest: Timeline, from: SegmentName): void {
  const own = timelines.find(({ timeline }) => timeline === lineOf(from)) ?? newest;
  if (compareSegments(from, own.newest) <= 0) return;
  throw new WalqError('segment-unknown', {
    message: `unable to keep from ${from.name}: the archive ends at ${own.newest.name}`,
    hint: 'Nothing was pruned. Check the name, and that the base backup’s WAL is archived.',
  });
}
