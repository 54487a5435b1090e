import { positionOf } from '../../source/gaps.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import type { AcknowledgedGap } from './acknowledged-gap.ts';

/** Who has explained the gap between two segments; null when nobody has. */
export type ExplainGap = (after: SegmentName, before: SegmentName) => AcknowledgedGap | null;

/**
 * A gap is explained when it lies wholly within one that was acknowledged: what was filled since stays
 * explained, and what grew since does not.
 */
export function explainGaps(
  acknowledged: readonly AcknowledgedGap[],
  naming: SegmentNaming,
): ExplainGap {
  const ranges = acknowledged.flatMap((gap) => {
    const [after, before] = [naming.parse(gap.after), naming.parse(gap.before)];
    return after === undefined || before === undefined ? [] : [{ gap, after, before }];
  });
  return (after, before) => {
    const found = ranges.find(
      (range) => isUpTo(range.after, after) && isUpTo(before, range.before),
    );
    return found?.gap ?? null;
  };
}

/** By timeline and by place: a gap at a switch says nothing of what an older timeline misses elsewhere. */
const isUpTo = (a: SegmentName, b: SegmentName): boolean =>
  (a.timeline ?? '') <= (b.timeline ?? '') && positionOf(a) <= positionOf(b);
