/** Segments of hand-made timelines, and the gaps found among them. */
import {
  compareSegments,
  GapDetector,
  postgresNaming,
  timelineName,
  Timelines,
  type SegmentName,
  type TimelineHistory,
} from '@walq/wal-core/internal';

const SEGMENT_BYTES = 16 * 1024 * 1024;
export const naming = postgresNaming(SEGMENT_BYTES);

export function segment(timeline: number, number: number): SegmentName {
  const hex = (part: number) => part.toString(16).toUpperCase().padStart(8, '0');
  const found = naming.parse(`${timelineName(timeline)}${hex(number >> 8)}${hex(number & 0xff)}`);
  if (found === undefined) throw new Error('no segment');
  return found;
}

export const history = (timeline: number, ...entries: [timeline: number, segment: number][]) => ({
  timeline: timelineName(timeline),
  entries: entries.map(([parent, at]) => ({
    timeline: timelineName(parent),
    lsn: BigInt(at) * BigInt(SEGMENT_BYTES) + 40n,
  })),
});

export function detect(
  histories: readonly TimelineHistory[],
  there: readonly [timeline: number, numbers: readonly number[]][],
) {
  const found = new GapDetector(new Timelines(histories, SEGMENT_BYTES));
  const gaps: [after: string, before: string, count: number][] = [];
  const all = there.flatMap(([timeline, numbers]) => numbers.map((n) => segment(timeline, n)));
  for (const one of all.toSorted(compareSegments)) {
    const missing = found.next(one);
    if (missing) gaps.push([missing.after.name, one.name, Number(missing.count)]);
  }
  return { gaps, unchecked: found.unchecked };
}
