import type { ExplainGap, KnownGap } from '../../archive/acknowledged-gaps.ts';
import type { SegmentRange } from '../range.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { Missing } from '../spans/gap-judge.ts';

export interface Finding {
  readonly source: string;
  readonly explain: ExplainGap;
  /** Told of segments in order; gives what is missing in front of each. */
  readonly judge: { next(segment: SegmentName): Missing | undefined };
}

/**
 * What is missing among segments in order, and between them and the bounds that were named. A bound that is
 * missing itself is one between itself and itself.
 */
export function findMissing(
  { source, explain, judge }: Finding,
  names: readonly SegmentName[],
  { from, until }: SegmentRange = {},
): readonly KnownGap[] {
  const there = names.filter(({ isBeside }) => isBeside !== true);
  const known = new Set(names.map(({ name }) => name));
  const absent = [from, until].filter((one) => one !== undefined && !known.has(one.name));
  const bounds = new Set(absent);
  const found: KnownGap[] = [];
  for (const segment of inFull(there, bounds, from, until)) {
    const missing = judge.next(segment);
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

function inFull(
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
